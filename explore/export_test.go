package explore

import "testing"

// CheckByTheBook compares a complete report with the textbook search.
func CheckByTheBook(t *testing.T, system System, properties []Property, got Report) {
	t.Helper()
	want := exploreByTheBook(system, properties)
	want.checkAgainst(t, system, properties, got)
}
