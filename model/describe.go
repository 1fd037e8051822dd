package model

import (
	"fmt"
	"strings"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

// Told is one step of a run in words.
type Told struct {
	Actor   string   // who: "thread 1", "DPC 1", "timer", "client"
	Action  string   // what it set out to do
	Lines   []Line   // what it ran that matters, in order
	Changes []string // what changed: "request 1: Cancel 0 -> 1"
}

// Line is one operation of a step.
type Line struct {
	Where string // file:line:column, or table.step
	Text  string // source text, or what the kernel step does
	Facts string // fact numbers of a kernel step
}

// describeCode gives the place and the text of a code.
func (m *Model) describeCode(pc int) (where, text string) {
	l := m.line(pc)
	return l.Where, l.Text
}

func (m *Model) line(pc int) Line {
	switch {
	case pc == noSite:
		return Line{Where: "-", Text: "nothing but the app can move any more"}
	case pc >= m.kernelCode && pc-m.kernelCode < len(m.steps):
		st := &m.steps[pc-m.kernelCode]
		return Line{Where: st.table + "." + st.name, Text: st.text, Facts: st.fact}
	case pc < len(m.code):
		in := &m.code[pc]
		return Line{Where: m.program(in.r.side).Position(in.n.Pos), Text: in.n.Text}
	}
	return Line{Where: "-"}
}

func (m *Model) program(s program.Side) *program.Program {
	if s == program.App {
		return m.cfg.App
	}
	return m.cfg.Driver
}

// KernelStep is one entry of the kernel's step tables.
type KernelStep struct{ Table, Name, Text, Facts string }

// KernelSteps lists what the kernel does, step by step, in the order of the
// tables.
func KernelSteps() []KernelStep {
	var out []KernelStep
	for _, t := range kernelTables() {
		for _, s := range t.steps {
			out = append(out, KernelStep{t.name, s.name, s.text, s.fact})
		}
	}
	return out
}

// Tell runs action a from state s once more and says what happened. The target
// must be a state that Next pushes for a.
func (m *Model) Tell(s []byte, a explore.Action) (Told, []byte, error) {
	x := newExec(m)
	x.log = &Log{}
	base := uint32(0)
	if a.Kind == KindIssue {
		base = a.Arg >> variantShift << variantShift
	}
	for n := base; ; n++ {
		x.log.Ops = x.log.Ops[:0]
		x.start(s)
		if x.perform(a.Kind, int(a.Actor), int(a.Object), base) && n == a.Arg {
			return m.told(s, x, a), x.s, nil
		}
		if !x.next() {
			return Told{}, nil, fmt.Errorf("the action is not enabled in this state")
		}
	}
}

func (m *Model) told(s []byte, x *exec, a explore.Action) Told {
	t := Told{Actor: m.actor(a), Action: m.actionText(s, a)}
	last := ""
	for _, op := range x.log.Ops {
		if !m.worthTelling(op.Code) {
			continue
		}
		l := m.line(op.Code)
		l.Text += m.resultText(op)
		if l.Where+l.Text != last {
			t.Lines = append(t.Lines, l)
		}
		last = l.Where + l.Text
	}
	for _, op := range x.log.Ops {
		if l := m.line(op.Code); t.Lines == nil && l.Text != "" {
			t.Lines = append(t.Lines, l) // nothing but nodes between: show the first
		}
	}
	after := x.s
	if x.halted {
		after = x.log.before
	}
	t.Changes = m.changes(s, after)
	return t
}

// resultText shows what a call returned, where the protocol turns on it.
func (m *Model) resultText(op Op) string {
	if !op.Done {
		return ""
	}
	if op.Code >= m.kernelCode {
		if op.Code == m.kernelCode+m.tableStart[tableIssue]+issueA0 {
			return " " + m.client.variants[op.Result.index()].String()
		}
		return ""
	}
	switch m.code[op.Code].n.API {
	case "IoSetCancelRoutine", "MmGetSystemAddressForMdlSafe", "ExAllocatePoolWithTag", "ExAllocatePool2", "IoAllocateMdl":
		if op.Result == 0 {
			return "  -> NULL"
		}
		if op.Result.Class() == ClassFunc {
			return "  -> " + m.routineName(op.Result.index())
		}
	case "IsListEmpty", "KeInsertQueueDpc", "KeCancelTimer", "KeSetTimer", "KeRemoveQueueDpc":
		if op.Result == 0 {
			return "  -> FALSE"
		}
		return "  -> TRUE"
	}
	return ""
}

// worthTelling leaves out the nodes between the calls, stores and decisions
// that a driver author thinks in.
func (m *Model) worthTelling(pc int) bool {
	if pc >= m.kernelCode {
		return true
	}
	n := m.code[pc].n
	switch n.Op {
	case program.OpAPI, program.OpCall, program.OpCallPtr, program.OpStore, program.OpMove, program.OpReturn:
		return n.Text != ""
	}
	return false
}

func (m *Model) actor(a explore.Action) string {
	switch a.Kind {
	case KindInit:
		return "system"
	case KindTimer:
		return "clock"
	case KindTrim:
		return "memory manager"
	case KindTake, KindGive:
		return "another process"
	case KindQuiet, KindDelete:
		return "system"
	}
	return m.ctxName(int(a.Actor))
}

func (m *Model) actionText(s []byte, a explore.Action) string {
	switch a.Kind {
	case KindInit:
		return "DriverEntry and the open have run"
	case KindAPC:
		cb := m.lay.ctxs.at(int(a.Actor))
		return fmt.Sprintf("stage two of request %d begins (special kernel APC)", s[cb+ctxQueue])
	case KindWork:
		return fmt.Sprintf("takes work item %d off the queue [I3]", a.Object+1)
	case KindDPC:
		return "the queued DPC begins"
	case KindTimer:
		return "a set timer expires"
	case KindIssue:
		text := "calls the driver"
		if !m.asksLate() {
			text = "calls " + m.client.variants[a.Arg>>variantShift].String()
		}
		if m.lay.files.n > 1 {
			text += " on " + m.fileName(int(a.Object))
		}
		return text
	case KindClose:
		return "closes its handle of " + m.fileName(int(a.Object))
	case KindOpen:
		return "opens " + m.fileName(int(a.Object))
	case KindLastRef:
		return "the last reference to " + m.fileName(int(a.Object)) + " is gone"
	case KindCancel:
		return fmt.Sprintf("the app cancels request %d (CancelIoEx)", a.Object+1)
	case KindTake:
		if s[m.lay.frames.at(int(a.Object))+frmView] != 0 {
			return "maps a view of the section, and so shows " + m.frameName(int(a.Object))
		}
		return "takes the free frame of " + m.frameName(int(a.Object))
	case KindDequeue:
		return "takes the first packet from the completion port"
	case KindTrim:
		return "trims " + m.frameName(int(a.Object)) + " from the working set"
	case KindGive:
		if s[m.lay.frames.at(int(a.Object))+frmView] != 0 {
			return "unmaps its view of the section"
		}
		return "gives the frame of " + m.frameName(int(a.Object)) + " back"
	case KindQuiet:
		if a.Object == quietPolls {
			return "only polling goes on, and nothing that it can come to changes this"
		}
		return "nothing but the app can move any more"
	case KindExit:
		return [...]string{"notices that it has to end", "ends (ExitThread)", "the process is killed; this thread notices"}[a.Object]
	case KindTimeout:
		return "five minutes of waiting for its requests are over"
	case KindDelete:
		return "the process object is deleted"
	}
	where, _ := m.describeCode(int(a.Kind))
	return "runs on at " + where
}

func (v variant) String() string {
	if isReadWrite(v.major) {
		text := fmt.Sprintf("%s(%d bytes)", map[byte]string{irpMjRead: "ReadFile", irpMjWrite: "WriteFile"}[v.major], v.outLen)
		if v.out == placeKernel {
			text += " with a kernel address"
		}
		return text
	}
	method := [...]string{"METHOD_BUFFERED", "METHOD_IN_DIRECT", "METHOD_OUT_DIRECT", "METHOD_NEITHER"}[v.code&3]
	text := fmt.Sprintf("DeviceIoControl(0x%X %s, in %d bytes, out %d bytes)", v.code, method, v.inLen, v.outLen)
	if v.in == placeKernel || v.out == placeKernel {
		text += " with a kernel address"
	}
	return text
}

// fact is one named thing about a state, for comparing two.
type fact struct{ name, value string }

// untold is a value that nothing looks at any more: that it changes is no news.
const untold = ""

// changes lists what differs between two states, in a fixed order.
func (m *Model) changes(before, after []byte) []string {
	a, b := m.facts(before), m.facts(after)
	var out []string
	for i := range a {
		if a[i].value != b[i].value && b[i].value != untold {
			out = append(out, fmt.Sprintf("%s: %s -> %s", a[i].name, a[i].value, b[i].value))
		}
	}
	return out
}

var phaseNames = [...]string{"none", "being issued", "with the driver", "completing", "stage two queued", "stage two runs", "waiting for its issuer to finish it", "over, to be taken by the app", "done"}
var processNames = [...]string{"runs", "ends", "address space empty", "ended", "deleted"}
var listNames = [...]string{"free", "in use", "unmapped, held by a lock", "trimmed"}

// facts are always the same names for one Model, in one order.
func (m *Model) facts(s []byte) []fact {
	var out []fact
	add := func(name, value string) { out = append(out, fact{name, value}) }
	num := func(name string, n byte) { add(name, fmt.Sprint(n)) }
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		p := fmt.Sprintf("request %d", i+1)
		add(p, phaseNames[s[b+irpPhase]])
		if s[b+irpPhase] < phaseStage1 {
			num(p+" Cancel", s[b+irpCancel])
		} else {
			add(p+" Cancel", untold)
		}
		add(p+" cancel routine", m.routineName(u16(s, b+irpRoutine)-1))
		num(p+" pending bit", s[b+irpPending])
		add(p+" Status", m.statusText(val(s, b+irpStatus)))
		add(p+" Information", m.valueText(val(s, b+irpInfo)))
		num(p+" notified", s[b+irpNotified])
		add(p+" thread", m.threadName(s[b+irpThread]))
		num(p+" system buffer", s[b+irpBlock])
		add(p+" given up by the app", goneText(s[b+irpGone]))
	}
	for i := range m.lay.mdls.n {
		b := m.lay.mdls.at(i)
		p := fmt.Sprintf("MDL %d", i+1)
		num(p+" exists", min(s[b+mdlUsed], 1))
		num(p+" locks", s[b+mdlLocks])
		num(p+" system address", s[b+mdlMapped])
	}
	if m.cfg.App != nil {
		for i := range m.lay.frames.n {
			b := m.lay.frames.at(i)
			p := "frame of " + m.frameName(i)
			add(p, listNames[s[b+frmList]])
			num(p+" share count", s[b+frmShare])
			num(p+" locks", s[b+frmLocks])
		}
	}
	for f := range m.lay.files.n {
		add(m.fileName(f), fileNames[s[m.lay.files.at(f)+filPhase]])
	}
	add("process", processNames[s[m.lay.procs.off+prcPhase]])
	num("locked pages of the process", s[m.lay.procs.off+prcLocked])
	add("cancel lock", m.ctxName(int(s[hdrCancel])-1))
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		p := m.ctxName(c)
		num(p+" IRQL", s[cb+ctxIrql])
		num(p+" spin locks", s[cb+ctxLocks])
	}
	return out
}

func (m *Model) fileName(f int) string {
	if m.lay.files.n == 1 {
		return "the file"
	}
	return fmt.Sprintf("file %d", f+1)
}

func goneText(g byte) string {
	var parts []string
	for i, n := range [...]string{"output", "OVERLAPPED", "input"} {
		if g&(1<<i) != 0 {
			parts = append(parts, n)
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func (m *Model) frameName(i int) string {
	switch {
	case i < m.poolFrames:
		return fmt.Sprintf("page %d", i+1)
	case i < m.heapFrame():
		return fmt.Sprintf("thread %d's stack", i-m.poolFrames+1)
	}
	return "the heap"
}

func (m *Model) ctxName(c int) string {
	switch {
	case c < 0:
		return "free"
	case c < m.appThreads():
		return fmt.Sprintf("thread %d", c+1)
	case c < m.threads:
		return "another process"
	case m.isWorker(c):
		return fmt.Sprintf("worker %d", c-m.lay.ctxs.firstPool()+1)
	case m.isSystem(c):
		return fmt.Sprintf("system thread %d", c-m.lay.ctxs.firstSystem()+1)
	}
	if w := c - m.threads - m.lay.ctxs.dpcs.n; w >= 0 {
		return fmt.Sprintf("system worker %d", w+1)
	}
	return fmt.Sprintf("DPC processor %d", c-m.threads+1)
}

func (m *Model) threadName(t byte) string {
	if t == 0 {
		return "none"
	}
	return m.ctxName(int(t) - 1)
}

func (m *Model) routineName(i int) string {
	if i == csqRoutine-1 {
		return "the library's cancel routine"
	}
	if i < 0 || i >= len(m.routines[0]) {
		return "NULL"
	}
	return m.routines[0][i].r.Name
}

var statusNames = map[int64]string{
	ntSuccess: "STATUS_SUCCESS", ntPending: "STATUS_PENDING", ntCancelled: "STATUS_CANCELLED",
	ntAccessViolation: "STATUS_ACCESS_VIOLATION", ntInsufficient: "STATUS_INSUFFICIENT_RESOURCES",
	ntInvalidRequest: "STATUS_INVALID_DEVICE_REQUEST",
}

func (m *Model) statusText(v Value) string {
	if v == 0 {
		return statusNames[0]
	}
	return m.valueText(v)
}

func (m *Model) valueText(v Value) string {
	if n, ok := m.number(v); ok {
		if name, ok := statusNames[n]; ok && n != 0 {
			return name
		}
		if n < 0 {
			return fmt.Sprintf("0x%08X", uint32(n))
		}
		return fmt.Sprint(n)
	}
	if v.isUnknown() {
		return "?"
	}
	return fmt.Sprintf("%v %d+%d", v.Class(), v.Slot()+1, v.Offset())
}
