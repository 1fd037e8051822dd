package csource

import "github.com/ownercheck/ownercheck/model/program"

// tidy makes the emitted nodes the routine's final ones: guards become node
// numbers, Nops that only join are passed over, and what cannot be reached
// goes.
func tidy(r *program.Routine, guards []*label) {
	for i, g := range guards {
		if g != nil {
			r.Nodes[i].Guard = g.node
		}
	}
	t := &threader{nodes: r.Nodes}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		relink(n, t.target)
		if n.Op == program.OpBranch && n.Next == n.Else {
			n.Op, n.Args, n.Else = program.OpNop, nil, program.NoNode
		}
	}
	// Branches that became Nops are threaded in a second round.
	for i := range r.Nodes {
		relink(&r.Nodes[i], t.target)
	}
	compact(r, t.target(0))
}

// relink replaces every successor of n.
func relink(n *program.Node, to func(int32) int32) {
	each := func(i *int32) {
		if *i != program.NoNode {
			*i = to(*i)
		}
	}
	each(&n.Next)
	each(&n.Else)
	each(&n.Guard)
	for j := range n.Cases {
		each(&n.Cases[j].Next)
	}
}

type threader struct{ nodes []program.Node }

// target follows Nops from n. A ring of Nops, an empty endless loop, stays.
func (t *threader) target(n int32) int32 {
	for range t.nodes {
		if t.nodes[n].Op != program.OpNop {
			return n
		}
		if t.nodes[n].Next == program.NoNode {
			return n
		}
		n = t.nodes[n].Next
	}
	return n
}

// compact keeps the nodes that can be reached from entry, entry first and the
// others in their order.
func compact(r *program.Routine, entry int32) {
	reached := make([]bool, len(r.Nodes))
	work := []int32{entry}
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		if i == program.NoNode || reached[i] {
			continue
		}
		reached[i] = true
		n := &r.Nodes[i]
		work = append(work, n.Next, n.Else, n.Guard)
		for _, c := range n.Cases {
			work = append(work, c.Next)
		}
	}
	order := []int32{entry}
	for i := range r.Nodes {
		if reached[i] && int32(i) != entry {
			order = append(order, int32(i))
		}
	}
	to := make([]int32, len(r.Nodes))
	for k, i := range order {
		to[i] = int32(k)
	}
	nodes := make([]program.Node, len(order))
	for k, i := range order {
		n := r.Nodes[i]
		relink(&n, func(i int32) int32 { return to[i] })
		nodes[k] = n
	}
	r.Nodes = nodes
}
