package claims

import "testing"

// A claim that is found right rests on proofs with two requests outstanding, two
// threads of the issuing process and a second process, or names its exception.
// The most general client has no frames that a second process could take.
func TestRightClaimsAreProvedInFullScope(t *testing.T) {
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Verdict != "right" {
			continue
		}
		full := map[string]bool{}
		for _, r := range c.Runs {
			b := r.Bounds.apply()
			for _, p := range r.Properties {
				full[p.Name] = full[p.Name] || b.Requests >= 2 && b.Threads >= 2 && (r.SecondProcess || r.App == "") || r.Exception != ""
			}
		}
		for _, r := range c.Runs {
			for _, p := range r.Properties {
				if p.Expect == "PROVED" && !full[p.Name] {
					t.Errorf("%s: %s is proved with less than two requests, two threads and a second process, and no run names an exception", c.ID, p.Name)
				}
			}
		}
	}
}
