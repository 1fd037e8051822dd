package csource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// TestSamples lowers Microsoft's driver samples, which are read from a checkout
// of microsoft/Windows-driver-samples that OWNERCHECK_SAMPLES names.
func TestSamples(t *testing.T) {
	root := os.Getenv("OWNERCHECK_SAMPLES")
	if root == "" {
		t.Skip("OWNERCHECK_SAMPLES names no checkout of microsoft/Windows-driver-samples")
	}
	for _, name := range []string{
		"general/ioctl/wdm/sys/sioctl.c",
		"general/cancel/sys/cancel.c",
		"general/cancel/startio/cancel.c",
		"general/event/wdm/event.c",
		"tools/dv/samples/DV-FailDriver-WDM/defect_toastmon.c",
		"tools/sdv/samples/SDV-FailDriver-WDM/driver/fail_driver1.c",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Load([]string{filepath.Join(root, name)}, Options{Side: program.Driver})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, r := range p.Routines {
				total += len(r.Nodes)
			}
			t.Logf("%d routines, %d nodes", len(p.Routines), total)
			if dir := os.Getenv("OWNERCHECK_DUMPS"); dir != "" {
				var b strings.Builder
				if err := program.Dump(&b, p, nil); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_")+".txt")
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
