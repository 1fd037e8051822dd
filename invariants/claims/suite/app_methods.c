#include <windows.h>
#include <winioctl.h>

#define IOCTL_IN  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_IN_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_OUT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over;

int
main(void)
{
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DeviceIoControl(device, IOCTL_OUT, NULL, 0, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    DeviceIoControl(device, IOCTL_IN, NULL, 0, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    DeviceIoControl(device, IOCTL_OUT, NULL, 0, out, 0, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
