package model_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

func TestSmoke(t *testing.T) {
	p, err := csource.Load([]string{os.Getenv("DRV")}, csource.Options{Side: program.Driver})
	if err != nil {
		t.Fatal(err)
	}
	b := model.DefaultBounds()
	if os.Getenv("QUICK") != "" {
		b = model.QuickBounds()
	}
	b.Failures = 0
	geti := func(n string, p *int) {
		if v := os.Getenv(n); v != "" {
			fmt.Sscan(v, p)
		}
	}
	geti("DPCS", &b.DPCs)
	geti("THREADS", &b.Threads)
	geti("ISSUERS", &b.Issuers)
	geti("REQS", &b.Requests)
	act := model.AllActions()
	if os.Getenv("NOCANCEL") != "" {
		act.Cancel = false
	}
	red := model.AllReductions()
	if os.Getenv("NORED") != "" {
		red = model.Reductions{}
	}
	m, err := model.New(model.Config{Driver: p, Bounds: b, Reduce: red, Actions: act})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("size", m.Size())
	props := []explore.Property{}
	for inv := 1; inv <= 34; inv++ {
		inv := inv
		props = append(props, explore.Property{Name: fmt.Sprintf("INV%02d", inv), Kind: explore.Always, State: func(s explore.State) bool {
			f := m.Finding(s)
			return f.Stop != model.StopViolation || f.Invariant != inv
		}})
	}
	props = append(props, explore.Property{Name: "capacity", Kind: explore.Always, State: func(s explore.State) bool {
		return m.Finding(s).Stop != model.StopCapacity
	}}, explore.Property{Name: "unsupported", Kind: explore.Always, State: func(s explore.State) bool {
		return m.Finding(s).Stop != model.StopUnsupported
	}})
	for i := 0; i < 4; i++ {
		t0 := time.Now()
		r, err := explore.Run(context.Background(), explore.Config{System: m, Properties: props, Workers: 2, Symmetry: red.Symmetry, MaxStates: 5000000})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("distinct", r.Distinct, "steps", r.Generated, "depth", r.Depth, time.Since(t0))
		again := m.Refine()
		if !again {
			for i, o := range r.Outcomes {
				if o.Verdict == explore.Holds || o.Verdict == explore.Undecided {
					continue
				}
				fmt.Println(props[i].Name, len(o.Trace))
				if os.Getenv("TRACE") == "" {
					continue
				}
				s := m.InitState(0)
				for _, a := range o.Trace {
					if a.Kind == model.KindInit {
						continue
					}
					told, next, err := m.Tell(s, a)
					if err != nil {
						t.Fatal(err)
					}
					fmt.Println(" ", told.Actor, ":", told.Action)
					for _, l := range told.Lines {
						fmt.Println("      ", l.Where, l.Text, l.Facts)
					}
					for _, l := range told.Changes {
						fmt.Println("          ", l)
					}
					s = next
				}
				fmt.Println("  ", m.Finding(s))
			}
			break
		}
		fmt.Println("again")
	}
}
