package csource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// samples are programs of microsoft/Windows-driver-samples: files, and folders
// for headers after "-I".
var samples = []struct {
	side  program.Side
	files string
}{
	{program.Driver, "general/ioctl/wdm/sys/sioctl.c"},
	{program.Driver, "general/cancel/sys/cancel.c"},
	{program.Driver, "general/cancel/startio/cancel.c"},
	{program.Driver, "general/event/wdm/event.c"},
	{program.Driver, "tools/dv/samples/DV-FailDriver-WDM/defect_toastmon.c tools/dv/samples/DV-FailDriver-WDM/wmi.c"},
	{program.Driver, "tools/sdv/samples/SDV-FailDriver-WDM/driver/fail_driver1.c"},
	{program.Driver, "tools/kasan/samples/KasanDemo-WDM/sys/kasantrigger.c"},
	{program.Driver, "general/obcallback/driver/callback.c general/obcallback/driver/tdriver.c general/obcallback/driver/util.c"},
	{program.Driver, "serial/serenum/enum.c serial/serenum/pnp.c serial/serenum/power.c serial/serenum/serenum.c serial/serenum/string.c"},
	{program.Driver, "general/registry/regfltr/sys/*.c -I general/registry/regfltr/exe"},
	{program.App, "general/cancel/exe/testapp.c general/cancel/exe/install.c"},
}

// TestSamples lowers Microsoft's driver samples, which are read from a checkout
// of microsoft/Windows-driver-samples that OWNERCHECK_SAMPLES names. With
// OWNERCHECK_DUMPS, dumps go to that folder.
func TestSamples(t *testing.T) {
	root := os.Getenv("OWNERCHECK_SAMPLES")
	if root == "" {
		t.Skip("OWNERCHECK_SAMPLES names no checkout of microsoft/Windows-driver-samples")
	}
	for _, s := range samples {
		t.Run(s.files, func(t *testing.T) {
			files, include, _ := strings.Cut(s.files, " -I ")
			opt := Options{Side: s.side}
			if include != "" {
				opt.Include = []string{filepath.Join(root, include)}
			}
			var names []string
			for _, pattern := range strings.Fields(files) {
				some, err := filepath.Glob(filepath.Join(root, pattern))
				if err != nil || len(some) == 0 {
					t.Fatalf("%s: no such file: %v", pattern, err)
				}
				names = append(names, some...)
			}
			p, err := Load(names, opt)
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, r := range p.Routines {
				total += len(r.Nodes)
			}
			t.Logf("%d routines, %d nodes", len(p.Routines), total)
			if dir := os.Getenv("OWNERCHECK_DUMPS"); dir != "" {
				writeDump(t, filepath.Join(dir, filepath.Base(filepath.Dir(names[0]))+"_"+filepath.Base(names[0])+".txt"), p)
			}
		})
	}
}

func writeDump(t *testing.T, name string, p *program.Program) {
	t.Helper()
	var b strings.Builder
	if err := program.Dump(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
