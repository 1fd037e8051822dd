package csource

import (
	"slices"
	"strings"
)

// systemHeaders are headers of the driver and software kits that people also
// include with quotation marks. Without a stub of ours they count as empty.
var systemHeaders = setOf(`aux_klib.h bcrypt.h bugcodes.h cfg.h cfgmgr32.h classpnp.h conio.h
	csq.h d4drvif.h devguid.h devioctl.h devpropdef.h dontuse.h driverspecs.h evntrace.h excpt.h
	fltkernel.h guiddef.h hidclass.h hidpi.h hidport.h initguid.h intsafe.h limits.h mountdev.h
	mountmgr.h ndis.h ntdd8042.h ntddcdrm.h ntdddisk.h ntddk.h ntddkbd.h ntddmou.h ntddscsi.h
	ntddser.h ntddstor.h ntdef.h ntifs.h ntintsafe.h ntiologc.h ntstatus.h ntstrsafe.h
	pnppowermanagementinfo.h poclass.h portcls.h ppm.h reshub.h scsi.h sdkddkver.h setupapi.h
	spb.h specstrings.h srb.h stdarg.h storduid.h storport.h stdint.h strsafe.h suppress.h
	tchar.h tdi.h usb.h usbdi.h usbdlib.h usbdrivr.h usbioctl.h usbspec.h wdf.h wdm.h wdmguid.h
	wdmsec.h windef.h windows.h winerror.h winioctl.h winnt.h winsock2.h wmidata.h wmilib.h
	wmistr.h wpprecorder.h wsk.h`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// sortTail sorts the names from index on.
func sortTail(names []string, index int) { slices.Sort(names[index:]) }
