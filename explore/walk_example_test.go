package explore_test

import (
	"context"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
)

// The two-phase commit of the example of Run, at random.
func ExampleWalk() {
	for _, careless := range []bool{false, true} {
		report, err := explore.Walk(context.Background(), explore.WalkConfig{
			System:          commit{careless},
			Properties:      []explore.Property{{Name: "agreement", Kind: explore.Always, State: agree}},
			Seed:            1,
			Walks:           100,
			MaxDepth:        20,
			StopWhenDecided: true,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		agreement := report.Outcomes[0]
		fmt.Printf("%d walks, seed %d: %s %v\n", report.Walks, report.Seed, agreement.Name, agreement.Verdict)
		for _, a := range agreement.Trace {
			fmt.Println(" ", a.Actor, names[a.Kind])
		}
	}
	// Output:
	// 100 walks, seed 1: agreement undecided
	// 1 walks, seed 1: agreement violated
	//   1 votes yes
	//   0 decides to commit
	//   1 obeys
	//   2 gives up
}
