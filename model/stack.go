package model

import "github.com/ownercheck/ownercheck/model/program"

// kernelFrame is the room that one kernel routine needs on a stack, in words.
const kernelFrame = frameWords + kernelWords

// stackNeeds gives the words that a thread and a DPC can need: the deepest
// chain of calls of the app, of the driver, and of kernel routines between and
// above them. A program that needs more (through recursion or calls by pointer)
// meets the capacity bound "stack".
func (m *Model) stackNeeds() (thread, dpc int) {
	driver := m.deepest(program.Driver)
	app := m.deepest(program.App)
	// issue or cancelio and cancel, the driver, completion, stage two on top
	if app > 0 {
		app += frameWords + max(callWords, portWords)
		if m.usesUserAPCs() {
			app += kernelFrame + m.deepest(program.App)
		}
	}
	driver += m.callbackNeed()
	return app + 2*kernelFrame + driver + 2*kernelFrame, driver + 2*kernelFrame
}

// deepest is the largest need of any routine of one side.
func (m *Model) deepest(side program.Side) int {
	need := make([]int, len(m.routines[side]))
	most := 0
	for _, r := range m.routines[side] {
		most = max(most, m.need(r, need, 0))
	}
	return most
}

// maxCalls is how many calls deep recursion is followed.
const maxCalls = 12

func (m *Model) need(r *routine, memo []int, depth int) int {
	if memo[r.index] > 0 {
		return memo[r.index]
	}
	own := frameWords + r.words
	if depth >= maxCalls {
		return own
	}
	below := 0
	for i := range r.r.Nodes {
		switch n := &r.r.Nodes[i]; n.Op {
		case program.OpCall:
			below = max(below, m.need(m.routines[r.side][n.Fn], memo, depth+1))
		case program.OpCallPtr:
			for _, c := range m.routines[r.side] {
				below = max(below, frameWords+c.words)
			}
		}
	}
	if depth == 0 {
		memo[r.index] = own + below
	}
	return own + below
}
