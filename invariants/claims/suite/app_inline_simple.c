#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over;
int returned;

int
main(void)
{
    char in[4];
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    in[0] = 'Q';
    DeviceIoControl(device, IOCTL_BUFFERED, in, sizeof(in), out, 8, NULL, &over);
    returned = 1;
    return 0;
}
