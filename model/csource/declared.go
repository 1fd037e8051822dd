package csource

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// callbackTypes says who calls a routine that is declared through the typedef.
var callbackTypes = map[string]program.RoleKind{
	"DRIVER_INITIALIZE": program.RoleEntry, "DRIVER_DISPATCH": program.RoleDispatch,
	"DRIVER_DISPATCH_PAGED": program.RoleDispatch, "DRIVER_DISPATCH_RAISED": program.RoleDispatch,
	"DRIVER_UNLOAD": program.RoleUnload, "DRIVER_ADD_DEVICE": program.RoleAddDevice,
	"DRIVER_STARTIO": program.RoleStartIo, "DRIVER_CANCEL": program.RoleCancel,
	"KDEFERRED_ROUTINE": program.RoleDPC, "IO_DPC_ROUTINE": program.RoleDPC, "IO_TIMER_ROUTINE": program.RoleDPC,
	"IO_WORKITEM_ROUTINE": program.RoleWorkItem, "IO_WORKITEM_ROUTINE_EX": program.RoleWorkItem,
	"WORKER_THREAD_ROUTINE": program.RoleWorkItem, "KSTART_ROUTINE": program.RoleThread,
	"IO_COMPLETION_ROUTINE": program.RoleCompletion, "KSERVICE_ROUTINE": program.RoleISR,
	"IO_CSQ_INSERT_IRP": program.RoleCSQ, "IO_CSQ_INSERT_IRP_EX": program.RoleCSQ, "IO_CSQ_REMOVE_IRP": program.RoleCSQ,
	"IO_CSQ_PEEK_NEXT_IRP": program.RoleCSQ, "IO_CSQ_ACQUIRE_LOCK": program.RoleCSQ,
	"IO_CSQ_RELEASE_LOCK": program.RoleCSQ, "IO_CSQ_COMPLETE_CANCELED_IRP": program.RoleCSQ,
}

// csqIndex gives the argument of IoCsqInitialize that takes a routine of the type.
var csqIndex = map[string]int32{
	"IO_CSQ_INSERT_IRP": 1, "IO_CSQ_INSERT_IRP_EX": 1, "IO_CSQ_REMOVE_IRP": 2, "IO_CSQ_PEEK_NEXT_IRP": 3,
	"IO_CSQ_ACQUIRE_LOCK": 4, "IO_CSQ_RELEASE_LOCK": 5, "IO_CSQ_COMPLETE_CANCELED_IRP": 6,
}

// declaredRoles uses the prototypes. A routine whose name goes where nobody is
// known to call it gets the role of its prototype. Without an entry routine to
// say who is called, every routine with such a prototype gets its role.
func (l *linker) declaredRoles(entry bool) {
	byRoutine := map[int32][]program.Role{}
	for _, u := range l.units {
		for name, d := range u.declared {
			if i, ok := u.routine(d); ok && l.nameOf(d) == name {
				byRoutine[int32(i)] = append(byRoutine[int32(i)], u.declaredAs(d, int32(i))...)
			}
		}
	}
	has := map[int32]bool{}
	for i := range l.prog.Roles {
		r := &l.prog.Roles[i]
		if as := byRoutine[r.Routine]; r.Kind == program.RoleOther && len(as) > 0 {
			r.Kind, r.Index = as[0].Kind, as[0].Index
		}
		has[r.Routine] = true
	}
	if entry {
		return
	}
	for i := range l.prog.Routines {
		as := byRoutine[int32(i)]
		if has[int32(i)] {
			continue
		}
		slices.SortFunc(as, func(a, b program.Role) int { return cmp.Compare(a.Index, b.Index) })
		l.prog.Roles = append(l.prog.Roles, slices.Compact(as)...)
	}
}

var dispatchType = regexp.MustCompile(`_Dispatch_type_\s*\(\s*(\w+)\s*\)`)

// declaredAs gives the roles that a prototype through a typedef stands for:
// one for each _Dispatch_type_ before a DRIVER_DISPATCH, which without any may
// be called for every function code.
func (u *unit) declaredAs(d *cc.Declarator, routine int32) []program.Role {
	name := u.callback[d]
	kind, ok := callbackTypes[name]
	if !ok || d.Type().Kind() != cc.Function {
		return nil
	}
	role := program.Role{Kind: kind, Routine: routine, Index: csqIndex[name], Pos: u.pos(d.NameTok())}
	if kind != program.RoleDispatch {
		return []program.Role{role}
	}
	var roles []program.Role
	for _, m := range dispatchType.FindAllSubmatch(u.src.before(d.NameTok()), -1) {
		if v, ok := u.macro(string(m[1])); ok {
			role.Index = int32(v)
			roles = append(roles, role)
		}
	}
	if roles == nil {
		role.Index = -1 // any
		roles = []program.Role{role}
	}
	return roles
}

// macro gives the value of a macro that is a single number.
func (u *unit) macro(name string) (int64, bool) {
	m := u.ast.Macros[name]
	if m == nil || m.IsFnLike || len(m.ReplacementList()) != 1 {
		return 0, false
	}
	v, err := strconv.ParseInt(strings.TrimRight(m.ReplacementList()[0].SrcStr(), "uUlL"), 0, 32)
	return v, err == nil
}

// before gives the source text of the declaration that n is in, up to n.
func (s *sources) before(n cc.Node) []byte {
	pos := n.Position()
	f := s.byName[pos.Filename]
	if f == nil {
		return nil
	}
	o := f.offset(pos.Line, pos.Column)
	i := max(o, 0)
	for i > 0 && f.text[i-1] != ';' && f.text[i-1] != '}' {
		i--
	}
	return f.text[i:max(o, 0)]
}
