package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
)

// tools lists what is compared, ours first.
func tools(b bench) []*tool {
	list := []*tool{b.ownercheck(1)}
	if b.workers > 1 {
		list = append(list, b.ownercheck(b.workers))
	}
	return append(list, b.spin(), b.rumur(), b.tlc())
}

func (b *bench) peer(name string) string { return filepath.Join(b.root, "bench", "peers", name) }

func (b *bench) ownercheck(workers int) *tool {
	program := filepath.Join(b.dir, "ownercheck")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return &tool{
		name: "ownercheck", needs: []string{"go"}, workers: workers, ours: true, dir: b.root,
		build: [][]string{{"go", "build", "-o", program, "./cmd/ownercheck"}},
		command: []string{program, "bench", "handoff", "--progress", "none", "--format", "json",
			"--requests", strconv.Itoa(b.requests), "--workers", strconv.Itoa(workers)},
		states: regexp.MustCompile(`"states": (\d+)`),
		steps:  regexp.MustCompile(`"steps": (\d+)`),
	}
}

// spin searches breadth-first on one core, storing states in full. Its hash
// table (-w) has at least one place for each state. The statements of handoff
// are all visible, so partial-order reduction, switched off, would save nothing.
func (b *bench) spin() *tool {
	places := max(20, 5*b.requests)
	return &tool{
		name: "SPIN", needs: []string{"spin", "cc"}, workers: 1, dir: b.dir,
		models: []model{{file: b.peer("handoff.pml")}},
		build: [][]string{
			{"spin", "-a", fmt.Sprintf("-DR=%d", b.requests), "handoff.pml"},
			{"cc", "-O3", "-march=native", "-w", "-DBFS", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=1000000", "-o", "spin-pan", "pan.c"},
		},
		command: []string{filepath.Join(b.dir, "spin-pan"), fmt.Sprintf("-w%d", places)},
		states:  regexp.MustCompile(`(?m)^\s*([\d.e+]+) states, stored`),
		steps:   regexp.MustCompile(`(?m)^\s*([\d.e+]+) transitions \(= stored\+matched\)`),
		extra:   1,
	}
}

func (b *bench) rumur() *tool {
	compile := []string{"cc", "-std=c11", "-O3", "-march=native"}
	if runtime.GOARCH == "amd64" {
		compile = append(compile, "-mcx16") // for its table, with several threads
	}
	return &tool{
		name: "Rumur", needs: []string{"rumur", "cc"}, workers: b.workers, dir: b.dir,
		models: []model{{b.peer("handoff.m"), "const R: 4;", fmt.Sprintf("const R: %d;", b.requests)}},
		build: [][]string{
			{"rumur", "--threads", strconv.Itoa(b.workers), "--output", "rumur.c", "handoff.m"},
			append(compile, "-o", "rumur-handoff", "rumur.c", "-lpthread"),
		},
		command: []string{filepath.Join(b.dir, "rumur-handoff")},
		states:  regexp.MustCompile(`(?m)^\s*(\d+) states, \d+ rules fired`),
		steps:   regexp.MustCompile(`(?m)^\s*\d+ states, (\d+) rules fired`),
	}
}

func (b *bench) tlc() *tool {
	t := &tool{
		name: "TLC", needs: []string{"java"}, workers: b.workers, dir: b.dir,
		models: []model{{file: b.peer("Handoff.tla")},
			{b.peer("Handoff.cfg"), "CONSTANT R = 4", fmt.Sprintf("CONSTANT R = %d", b.requests)}},
		states: regexp.MustCompile(`(?m)^[\d,]+ states generated[^\n]*?, ([\d,]+) distinct states found`),
		steps:  regexp.MustCompile(`(?m)^([\d,]+) states generated`),
		extra:  1,
	}
	if b.options.tlc == "" {
		t.absent = "no jar is given (-tlc tla2tools.jar)"
		return t
	}
	jar, err := filepath.Abs(b.options.tlc)
	if err != nil {
		t.absent = err.Error()
		return t
	}
	t.command = []string{"java", "-XX:+UseParallelGC", "-cp", jar, "tlc2.TLC", "-workers", strconv.Itoa(b.workers),
		"-metadir", filepath.Join(b.dir, "tlc"), "-config", "Handoff.cfg", "Handoff.tla"}
	return t
}
