package csource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// roles lists the roles of p as "kind index routine".
func roles(p *program.Program) string {
	var all []string
	for _, r := range p.Roles {
		s := r.Kind.String() + " " + p.Routines[r.Routine].Name
		if r.Kind == program.RoleDispatch || r.Kind == program.RoleCSQ {
			s = fmt.Sprintf("%v %d %s", r.Kind, r.Index, p.Routines[r.Routine].Name)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func TestRoles(t *testing.T) {
	const head = "#include <ntddk.h>\n"
	entry := func(s string) string {
		return "NTSTATUS DriverEntry(PDRIVER_OBJECT o, PUNICODE_STRING p) { " + s + " return 0; }\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"one dispatch routine for all codes of a loop",
			"NTSTATUS D(PDEVICE_OBJECT d, PIRP i) { return 0; }\n" + entry("int k; for (k = 0; k < 3; k++) o->MajorFunction[k] = D; o->MajorFunction[IRP_MJ_CLEANUP] = &D;"),
			"entry DriverEntry, dispatch -1 D, dispatch 18 D"},
		{"driver object members",
			"VOID U(PDRIVER_OBJECT o) {}\nVOID S(PDEVICE_OBJECT d, PIRP i) {}\nNTSTATUS A(PDRIVER_OBJECT o, PDEVICE_OBJECT d) { return 0; }\n" +
				entry("o->DriverUnload = U; o->DriverStartIo = S; o->DriverExtension->AddDevice = A;"),
			"entry DriverEntry, unload U, start io S, add device A"},
		{"arguments of kernel routines",
			"VOID C(PDEVICE_OBJECT d, PIRP i) {}\nVOID Q(PKDPC d, PVOID c, PVOID a, PVOID b) {}\nVOID W(PDEVICE_OBJECT d, PVOID c) {}\nVOID T(PVOID c) {}\nNTSTATUS M(PDEVICE_OBJECT d, PIRP i, PVOID c) { return 0; }\n" +
				"void f(PIRP i, PKDPC d, PIO_WORKITEM w) { HANDLE h; IoSetCancelRoutine(i, C); KeInitializeDpc(d, Q, 0); IoQueueWorkItem(w, W, DelayedWorkQueue, 0);\n" +
				"PsCreateSystemThread(&h, 0, 0, 0, 0, T, 0); IoSetCompletionRoutine(i, M, 0, TRUE, TRUE, TRUE); }\n",
			"cancel C, dpc Q, work item W, thread T, completion M"},
		{"cancel-safe queue",
			"IO_CSQ_INSERT_IRP I; IO_CSQ_REMOVE_IRP R; IO_CSQ_PEEK_NEXT_IRP P; IO_CSQ_ACQUIRE_LOCK A; IO_CSQ_RELEASE_LOCK L; IO_CSQ_COMPLETE_CANCELED_IRP C;\n" +
				"VOID I(PIO_CSQ q, PIRP i) {}\nVOID R(PIO_CSQ q, PIRP i) {}\nPIRP P(PIO_CSQ q, PIRP i, PVOID c) { return i; }\nVOID A(PIO_CSQ q, PKIRQL k) {}\nVOID L(PIO_CSQ q, KIRQL k) {}\nVOID C(PIO_CSQ q, PIRP i) {}\n" +
				entry("IO_CSQ q; IoCsqInitialize(&q, I, R, P, A, L, C);"),
			"entry DriverEntry, csq 1 I, csq 2 R, csq 3 P, csq 4 A, csq 5 L, csq 6 C"},
		{"prototypes say what a table does not",
			"DRIVER_CANCEL C; KDEFERRED_ROUTINE Q;\nVOID C(PDEVICE_OBJECT d, PIRP i) {}\nVOID Q(PKDPC d, PVOID c, PVOID a, PVOID b) {}\nVOID N(void) {}\nPVOID table[] = { (PVOID)C, (PVOID)Q, (PVOID)N };\n" +
				entry("return table[0] == 0;"),
			"entry DriverEntry, cancel C, dpc Q, other N"},
		{"prototypes alone, without DriverEntry",
			"_Dispatch_type_(IRP_MJ_READ)\n_Dispatch_type_(IRP_MJ_WRITE)\nDRIVER_DISPATCH D;\nDRIVER_DISPATCH E; static DRIVER_CANCEL C; DRIVER_UNLOAD Nobody;\n" +
				"NTSTATUS D(PDEVICE_OBJECT d, PIRP i) { return 0; }\nNTSTATUS E(PDEVICE_OBJECT d, PIRP i) { return 0; }\nstatic VOID C(PDEVICE_OBJECT d, PIRP i) {}\n",
			"dispatch 3 D, dispatch 4 D, dispatch -1 E, cancel C"},
		{"prototypes are not used beside DriverEntry",
			"DRIVER_CANCEL C;\nVOID C(PDEVICE_OBJECT d, PIRP i) {}\n" + entry(""),
			"entry DriverEntry"},
	} {
		p, err := load(program.Driver, head+c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := roles(p); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
