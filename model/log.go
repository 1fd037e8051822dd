package model

// Log is filled while a step is told for a trace: what the step ran, in order.
type Log struct {
	Ops    []Op
	before []byte
}

// Op is one operation that a step ran.
type Op struct {
	Ctx    int
	Code   int
	Result Value // of a system routine that finished at once
	Done   bool
}

func (l *Log) at(x *exec, pc int) {
	l.Ops = append(l.Ops, Op{Ctx: x.ctx, Code: pc})
}

// result records what the operation that is running returned.
func (l *Log) result(v Value) {
	if n := len(l.Ops); n > 0 {
		l.Ops[n-1].Result, l.Ops[n-1].Done = v, true
	}
}
