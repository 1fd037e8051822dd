package model

// Log is filled while a step is told for a trace: what the step ran, in order.
type Log struct {
	Ops    []Op
	before []byte
}

// Op is one operation that a step ran.
type Op struct {
	Ctx  int
	Code int
}

func (l *Log) at(x *exec, pc int) {
	l.Ops = append(l.Ops, Op{x.ctx, pc})
	if debugLog {
		li := x.m.line(pc)
		println(x.ctx, li.Where, li.Text)
	}
}

var debugLog = false
