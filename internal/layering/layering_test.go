// Package layering holds the rule of who may import whom, as text, and the test
// that enforces it.
package layering

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ownercheck/ownercheck/"

// rule lists for each package what of ours it may import. A package that is not
// listed may import nothing of ours and be imported by nobody.
const rule = `
explore:
explore/systemtest: explore
model/program:
model/csource: model/program
model/csource/wdk:
model: model/program explore
invariants: model explore
invariants/claims: model/program model/csource model explore invariants
traces: model explore invariants
bench: explore
cmd/ownercheck: model/program model/csource model explore invariants invariants/claims traces bench
internal/layering:
`

func TestImportsFollowTheLayers(t *testing.T) {
	allowed := map[string]map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(rule), "\n") {
		name, list, _ := strings.Cut(line, ":")
		allowed[name] = map[string]bool{}
		for _, p := range strings.Fields(list) {
			allowed[name][p] = true
		}
	}
	root := "../.."
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		pkg := filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			if p = strings.TrimPrefix(p, module); p == imp.Path.Value[1:len(imp.Path.Value)-1] {
				continue
			}
			found++
			if allowed[pkg] == nil {
				t.Errorf("%s: package %s is not in the rule", path, pkg)
			} else if !allowed[pkg][p] {
				t.Errorf("%s: %s may not import %s", path, pkg, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Fatal("no import of ours was found: the test looks in the wrong place")
	}
}
