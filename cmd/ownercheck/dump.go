package main

import (
	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

func (e *env) dumpCommand() *cobra.Command {
	var f checkFlags
	var app bool
	c := &cobra.Command{
		Use:   "dump FILE.c...",
		Short: "Print what the C was understood as: roles, routines, nodes with file and line",
		Long: `dump reads the C files of one driver, or of one app with --app, and prints the
program that the machine runs. A node marked ! is one that this version cannot
execute yet: a run that reaches it is INCOMPLETE.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if e.opt.format != "text" {
				return usage("dump prints text only")
			}
			side := program.Driver
			if app {
				side = program.App
			}
			p, err := csource.Load(slashed(files), csource.Options{Side: side, Include: slashed(f.include), Define: f.define})
			if err != nil {
				return input(err)
			}
			return program.Dump(e.out, p, model.Executes(side))
		},
	}
	f.addSources(c)
	c.Flags().BoolVar(&app, "app", false, "the files are an app, not a driver")
	return c
}
