package explore_test

import (
	"context"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
)

// jugs of 5 and 3 litres, one byte each, to measure out 4 litres.
type jugs struct{}

func (jugs) Size() int { return 2 }

func (jugs) Init(steps *explore.Steps) { steps.Push(explore.Action{}, nil) }

func (jugs) Next(s explore.State, steps *explore.Steps) {
	size := [2]byte{5, 3}
	for i := range s {
		j := 1 - i
		poured := min(s[i], size[j]-s[j])
		for kind, to := range [][2]byte{{size[i], s[j]}, {0, s[j]}, {s[i] - poured, s[j] + poured}} {
			t := steps.Push(explore.Action{Kind: uint16(kind), Actor: uint8(i)}, s)
			t[i], t[j] = to[0], to[1]
		}
	}
}

// What comes nearest to 4 litres is explored first.
func ExampleBest() {
	report, err := explore.Best(context.Background(), explore.BestConfig{
		System: jugs{},
		Properties: []explore.Property{{Name: "4 litres", Kind: explore.Reachable, State: func(s explore.State) bool {
			return s[0] == 4
		}}},
		Priority:        func(s explore.State) int { return max(4-int(s[0]), int(s[0])-4) },
		MaxStates:       1000,
		StopWhenDecided: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Outcomes[0].Name, report.Outcomes[0].Verdict, "after", report.Explored, "states")
	for _, a := range report.Outcomes[0].Trace {
		fmt.Println(" ", []string{"fill", "empty", "pour from"}[a.Kind], []string{"big", "small"}[a.Actor])
	}
	// Output:
	// 4 litres reached after 12 states
	//   fill big
	//   pour from big
	//   empty small
	//   pour from big
	//   fill big
	//   pour from big
}
