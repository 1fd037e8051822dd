package explore_test

import (
	"context"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
)

// commit is a two-phase commit of a coordinator, byte 0, and two participants.
// The careless one commits as soon as it has one vote.
type commit struct{ careless bool }

const (
	working = iota
	ready
	committed
	aborted
)

var names = []string{"start", "votes yes", "gives up", "decides to commit", "decides to abort", "obeys"}

func (c commit) Size() int { return 3 }

func (c commit) Init(steps *explore.Steps) { steps.Push(explore.Action{}, nil) }

func (c commit) Next(s explore.State, steps *explore.Steps) {
	step := func(kind uint16, who int, becomes byte) {
		steps.Push(explore.Action{Kind: kind, Actor: uint8(who)}, s)[who] = becomes
	}
	yes := 0
	for who := 1; who <= 2; who++ {
		switch {
		case s[who] == working:
			step(1, who, ready)
			step(2, who, aborted)
		case s[who] == ready && s[0] != working:
			step(5, who, s[0])
		}
		if s[who] == ready {
			yes++
		}
	}
	if s[0] == working {
		if yes == 2 || c.careless && yes == 1 {
			step(3, 0, committed)
		}
		step(4, 0, aborted)
	}
}

// agree: not one committed and the other aborted; no other two sum to five.
func agree(s explore.State) bool { return s[1]+s[2] != committed+aborted }

func ExampleRun() {
	for _, careless := range []bool{false, true} {
		system := commit{careless}
		report, err := explore.Run(context.Background(), explore.Config{
			System:     system,
			Properties: []explore.Property{{Name: "agreement", Kind: explore.Always, State: agree}},
		})
		agreement := report.Outcomes[0]
		fmt.Println(report.Distinct, "states,", agreement.Name, agreement.Verdict, err)
		for _, a := range agreement.Trace {
			fmt.Println(" ", a.Actor, names[a.Kind])
		}
	}
	// Output:
	// 22 states, agreement holds <nil>
	// 30 states, agreement violated <nil>
	//   2 gives up
	//   1 votes yes
	//   0 decides to commit
	//   1 obeys
}
