#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over;

/* Input shorter than the output, longer, of length 0, and none at all. */
int
main(void)
{
    char in[16];
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DeviceIoControl(device, IOCTL_BUFFERED, in, 4, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    DeviceIoControl(device, IOCTL_BUFFERED, in, 16, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    DeviceIoControl(device, IOCTL_BUFFERED, in, 0, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    DeviceIoControl(device, IOCTL_BUFFERED, NULL, 4, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
