package model

import (
	"fmt"
	"strings"
)

// Knobs are the places where sources disagree or Windows is silent (semantics
// 0.4). The zero value of each is its default (22b).
type Knobs struct {
	CopyBackUnguarded bool // K1: a copy-back fault stops the system
	FaultInfoZero     bool // K2: Information is zeroed after a copy-back fault
	InputOpNo         bool // K3: no IRP_INPUT_OPERATION when OutLen is 0
	FastIo            bool // K9: the driver's fast I/O entry is tried first
	FreeMapped        bool // K10: IoFreeMdl of an MDL that is mapped is an error of its own
	InfoClamped       bool // K12: copy-back is clamped to OutputBufferLength
	CsqInsertLocked   bool // K11: a cancelled IRP is completed inside the queue's lock
	TimerDpcDirect    bool // K14: an expired timer calls its DPC itself
	NullMdlReturns    bool // K15: mapping a NULL MDL gives NULL instead of a fault

	PortIrpList      uint8 // K13: Port*, where requests of a port-bound handle are listed
	Rundown          uint8 // K4: Rundown*, how long thread exit waits for its requests
	TeardownIgnore   bool  // K5: locked pages do not stop the system when an address space is deleted
	CancelIoWaits    bool  // K6: CancelIo waits until the requests are gone
	DisassocUnlocked bool  // K7: the completer reads Irp.Thread without the completion lock
	MdlProcessRef    bool  // K8: a locked MDL counts a reference on its process
}

// Values of Knobs.PortIrpList.
const (
	PortFile        = iota // on the file object's list
	PortThread             // on the thread's list
	PortNotBuffered        // on the file object's list, but for those whose output is copied back
)

// Values of Knobs.Rundown.
const (
	RundownPerIrp  = iota // each request is given up after five minutes
	RundownOneShot        // one request, once
	RundownForever        // none
)

// Knob describes one knob for lists, flags and verdict lines.
type Knob struct {
	ID     string
	Name   string
	Values []string // the first is the default
	Text   string
}

// KnobList is every knob of the specification in order.
func KnobList() []Knob {
	return []Knob{
		{"K1", "copyBackGuard", []string{"guarded", "unguarded"}, "a fault in copy-back becomes the IRP's status, or stops the system"},
		{"K2", "faultInformation", []string{"keep", "zero"}, "Information after a copy-back fault"},
		{"K3", "inputOpOnZeroLen", []string{"yes", "no"}, "a zero-length output buffer still marks the IRP for copy-back"},
		{"K4", "rundown", []string{"perIrp5min", "oneShot5min", "forever"}, "how long thread exit waits for its requests"},
		{"K5", "teardownCheck", []string{"bugcheck", "ignore"}, "locked pages when an address space is deleted"},
		{"K6", "cancelIoWait", []string{"returns", "waits"}, "CancelIo waits for the requests that it cancels"},
		{"K7", "disassocLock", []string{"yes", "no"}, "the completer holds the completion lock while it reads Irp.Thread"},
		{"K8", "mdlProcessRef", []string{"no", "yes"}, "an MDL counts a reference on its process"},
		{"K9", "fastIo", []string{"off", "on"}, "the driver's FastIoDeviceControl is tried before an IRP is made"},
		{"K10", "freeMdlUnmaps", []string{"unmaps", "verifier"}, "IoFreeMdl of a mapped MDL takes the mapping away, or is an error to Driver Verifier"},
		{"K11", "csqInsertLocked", []string{"no", "yes"}, "IoCsqInsertIrp completes a cancelled IRP inside the queue lock"},
		{"K12", "infoClamp", []string{"no", "yes"}, "copy-back is clamped to OutputBufferLength"},
		{"K13", "portIrpList", []string{"file", "thread", "fileNotBuffered"}, "where requests of a port-bound handle are listed"},
		{"K14", "timerDpc", []string{"queued", "direct"}, "how an expired timer's DPC is called"},
		{"K15", "nullMdl", []string{"fault", "null"}, "MmGetSystemAddressForMdlSafe of a NULL MDL"},
	}
}

// Set changes one knob, given as "K1=unguarded".
func (k *Knobs) Set(assignment string) error {
	id, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("knob %q: want NAME=VALUE, such as K1=unguarded", assignment)
	}
	for _, d := range KnobList() {
		if !strings.EqualFold(d.ID, id) {
			continue
		}
		i := indexFold(d.Values, value)
		if i < 0 {
			return fmt.Errorf("knob %s (%s) has no value %q: want %s", d.ID, d.Name, value, strings.Join(d.Values, " or "))
		}
		if p := k.field(d.ID); p != nil {
			*p = i == 1
		} else if p := k.choice(d.ID); p != nil {
			*p = uint8(i)
		}
		return nil
	}
	return fmt.Errorf("no knob %q: want one of K1 to K15 (ownercheck list knobs)", id)
}

// Value gives the setting of a knob by its name.
func (k *Knobs) Value(d Knob) string {
	if p := k.field(d.ID); p != nil && *p {
		return d.Values[1]
	}
	if p := k.choice(d.ID); p != nil {
		return d.Values[*p]
	}
	return d.Values[0]
}

// String lists the knobs that are not at their default, "default" if all are.
func (k Knobs) String() string {
	var out []string
	for _, d := range KnobList() {
		if v := k.Value(d); v != d.Values[0] {
			out = append(out, d.ID+"="+v)
		}
	}
	if out == nil {
		return "default"
	}
	return strings.Join(out, " ")
}

// choice is the field of a knob with more than two values.
func (k *Knobs) choice(id string) *uint8 {
	switch id {
	case "K4":
		return &k.Rundown
	case "K13":
		return &k.PortIrpList
	}
	return nil
}

func (k *Knobs) field(id string) *bool {
	switch id {
	case "K1":
		return &k.CopyBackUnguarded
	case "K2":
		return &k.FaultInfoZero
	case "K3":
		return &k.InputOpNo
	case "K5":
		return &k.TeardownIgnore
	case "K6":
		return &k.CancelIoWaits
	case "K7":
		return &k.DisassocUnlocked
	case "K8":
		return &k.MdlProcessRef
	case "K9":
		return &k.FastIo
	case "K10":
		return &k.FreeMapped
	case "K12":
		return &k.InfoClamped
	case "K11":
		return &k.CsqInsertLocked
	case "K14":
		return &k.TimerDpcDirect
	case "K15":
		return &k.NullMdlReturns
	}
	return nil
}

func indexFold(list []string, s string) int {
	for i, x := range list {
		if strings.EqualFold(x, s) {
			return i
		}
	}
	return -1
}
