#include <windows.h>
#include <winioctl.h>

#define IOCTL_NEITHER CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_NEITHER, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over;

int
main(void)
{
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DeviceIoControl(device, IOCTL_NEITHER, NULL, 0, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
