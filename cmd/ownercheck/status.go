package main

import (
	"errors"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
)

// Exit statuses. 13 (liveness) belongs to a kind of property that this version
// does not have.
const (
	exitAsExpected  = 0
	exitUnexpected  = 10
	exitDeadlock    = 11
	exitViolated    = 12
	exitVacuous     = 16
	exitBounded     = 20
	exitTime        = 21
	exitMemory      = 22
	exitInterrupted = 23
	exitUsage       = 64
	exitInput       = 65
	exitInternal    = 70
)

// failure is an error with the exit status that it stands for.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

func input(err error) error { return &failure{exitInput, err} }

// defect wraps an error of an exploration that is no interrupt.
func defect(err error) error {
	var s *explore.SystemError
	if errors.As(err, &s) && s.Stack != "" {
		err = fmt.Errorf("%w\n%s", err, s.Stack)
	}
	return &failure{exitInternal, err}
}

// gapStatus is the exit status for a run that is not exhaustive: that of its
// worst reason.
func gapStatus(gaps []invariants.Gap) int {
	if len(gaps) == 0 {
		return exitBounded
	}
	switch gaps[0].Reason {
	case explore.TimeLimit:
		return exitTime
	case explore.MemoryLimit:
		return exitMemory
	case explore.Interrupted:
		return exitInterrupted
	}
	return exitBounded
}
