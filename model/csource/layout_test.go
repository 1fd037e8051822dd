package csource

import (
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

const layoutDriver = `#include <ntddk.h>
typedef struct _OWN { char c; long n; void *p; short s; long long q; int a[3]; struct { char x; LARGE_INTEGER big; } in; char text[5]; unsigned b0 : 4, b1 : 28; } OWN;
typedef struct __declspec(align(32)) _WIDE { char c; } WIDE;
typedef union _BOTH { char c; long long q; } BOTH;
OWN own; WIDE wide; BOTH both; LARGE_INTEGER li; UNICODE_STRING us;
int sizes[] = { sizeof(OWN), sizeof(WIDE), sizeof(BOTH), sizeof(LARGE_INTEGER), sizeof(UNICODE_STRING), sizeof(IO_STATUS_BLOCK), sizeof(LIST_ENTRY), sizeof(GUID), sizeof(wchar_t), sizeof(long), sizeof(L"ab") };
NTSTATUS DriverEntry(PDRIVER_OBJECT o, PUNICODE_STRING p) { own.n = wide.c = both.c = li.LowPart + us.Length; return sizes[0]; }
`

// offsets are those of 64-bit Windows, where they are documented or follow from
// the rules of its compiler.
var offsets = []struct {
	side         program.Side
	layout, cell string
	offset, size int32
}{
	{program.Driver, "_IRP", "Type", 0, 2},
	{program.Driver, "_IRP", "Size", 2, 2},
	{program.Driver, "_IRP", "MdlAddress", 8, 8},
	{program.Driver, "_IRP", "Flags", 16, 4},
	{program.Driver, "_IRP", "AssociatedIrp.SystemBuffer", 24, 8},
	{program.Driver, "_IRP", "ThreadListEntry.Flink", 32, 8},
	{program.Driver, "_IRP", "IoStatus.Status", 48, 4},
	{program.Driver, "_IRP", "IoStatus.Information", 56, 8},
	{program.Driver, "_IRP", "RequestorMode", 64, 1},
	{program.Driver, "_IRP", "PendingReturned", 65, 1},
	{program.Driver, "_IRP", "StackCount", 66, 1},
	{program.Driver, "_IRP", "CurrentLocation", 67, 1},
	{program.Driver, "_IRP", "Cancel", 68, 1},
	{program.Driver, "_IRP", "CancelIrql", 69, 1},
	{program.Driver, "_IRP", "UserIosb", 72, 8},
	{program.Driver, "_IRP", "UserEvent", 80, 8},
	{program.Driver, "_IRP", "CancelRoutine", 104, 8},
	{program.Driver, "_IRP", "UserBuffer", 112, 8},
	{program.Driver, "_IRP", "Tail.Overlay.DriverContext[0]", 120, 8},
	{program.Driver, "_IRP", "Tail.Overlay.DriverContext[3]", 144, 8},
	{program.Driver, "_IRP", "Tail.Overlay.Thread", 152, 8},
	{program.Driver, "_IRP", "Tail.Overlay.ListEntry.Flink", 168, 8},
	{program.Driver, "_IRP", "Tail.Overlay.CurrentStackLocation", 184, 8},
	{program.Driver, "_IO_STACK_LOCATION", "MajorFunction", 0, 1},
	{program.Driver, "_IO_STACK_LOCATION", "Control", 3, 1},
	{program.Driver, "_IO_STACK_LOCATION", "Parameters.DeviceIoControl.OutputBufferLength", 8, 4},
	{program.Driver, "_IO_STACK_LOCATION", "Parameters.DeviceIoControl.InputBufferLength", 16, 4},
	{program.Driver, "_IO_STACK_LOCATION", "Parameters.DeviceIoControl.IoControlCode", 24, 4},
	{program.Driver, "_IO_STACK_LOCATION", "Parameters.DeviceIoControl.Type3InputBuffer", 32, 8},
	{program.Driver, "_IO_STACK_LOCATION", "DeviceObject", 40, 8},
	{program.Driver, "_IO_STACK_LOCATION", "FileObject", 48, 8},
	{program.Driver, "_IO_STACK_LOCATION", "CompletionRoutine", 56, 8},
	{program.Driver, "_IO_STACK_LOCATION", "Context", 64, 8},
	{program.Driver, "_MDL", "MappedSystemVa", 24, 8},
	{program.Driver, "_MDL", "ByteCount", 40, 4},
	{program.Driver, "_DRIVER_OBJECT", "DriverUnload", 104, 8},
	{program.Driver, "_DRIVER_OBJECT", "MajorFunction[0]", 112, 8},
	{program.Driver, "_DRIVER_OBJECT", "MajorFunction[27]", 328, 8},
	{program.Driver, "_DEVICE_OBJECT", "DeviceExtension", 64, 8},
	{program.Driver, "_OWN", "n", 4, 4},
	{program.Driver, "_OWN", "p", 8, 8},
	{program.Driver, "_OWN", "q", 24, 8},
	{program.Driver, "_OWN", "a[2]", 40, 4},
	{program.Driver, "_OWN", "in.big.QuadPart", 56, 8},
	{program.Driver, "_OWN", "text", 64, 5},
	{program.Driver, "_OWN", "b0", 72, 4},
	{program.App, "_OVERLAPPED", "Internal", 0, 8},
	{program.App, "_OVERLAPPED", "InternalHigh", 8, 8},
	{program.App, "_OVERLAPPED", "Offset", 16, 4},
	{program.App, "_OVERLAPPED", "hEvent", 24, 8},
}

// TestLayoutOffsets compares the offsets of cells with the table.
func TestLayoutOffsets(t *testing.T) {
	driver, err := load(program.Driver, layoutDriver)
	if err != nil {
		t.Fatal(err)
	}
	app, err := load(program.App, "#include <windows.h>\nOVERLAPPED o;\nint main(void) { o.Offset = 1; return 0; }\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range offsets {
		p := map[program.Side]*program.Program{program.Driver: driver, program.App: app}[c.side]

		i := p.LayoutNamed(c.layout)
		if i < 0 {
			t.Errorf("%s: got no layout", c.layout)
			continue
		}
		l := p.Layouts[i]
		k := l.CellNamed(c.cell)
		if k < 0 {
			t.Errorf("%s: got no cell %s", c.layout, c.cell)
			continue
		}
		if got := l.Cells[k]; got.Offset != c.offset || got.Size != c.size {
			t.Errorf("%s.%s: got offset %d, size %d, want %d and %d", c.layout, c.cell, got.Offset, got.Size, c.offset, c.size)
		}
		if at := l.CellAt(c.offset + c.size - 1); at != k {
			t.Errorf("%s: got cell %d at the last byte of %s, want %d", c.layout, at, c.cell, k)
		}
	}
}

// TestLayoutSizes compares sizeof with the sizes of 64-bit Windows.
func TestLayoutSizes(t *testing.T) {
	p, err := load(program.Driver, layoutDriver)
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{80, 32, 8, 8, 16, 16, 16, 16, 2, 4, 6}
	for _, g := range p.Globals {
		if g.Name != "sizes" {
			continue
		}
		for i, c := range g.Init {
			if c.Value.V != want[i] {
				t.Errorf("size %d: got %d, want %d", i, c.Value.V, want[i])
			}
		}
		return
	}
	t.Error("got no variable sizes")
}

// TestLayoutsDisjoint checks that no two cells of a layout share a byte.
func TestLayoutsDisjoint(t *testing.T) {
	p, err := load(program.Driver, layoutDriver)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Layouts {
		end := int32(0)
		for _, c := range l.Cells {
			if c.Offset < end || c.Size <= 0 {
				t.Errorf("%s.%s: got offset %d after byte %d, size %d", l.Name, c.Name, c.Offset, end, c.Size)
			}
			end = c.Offset + c.Size
		}
		if end > l.Size {
			t.Errorf("%s: got cells up to %d, want %d bytes", l.Name, end, l.Size)
		}
	}
}
