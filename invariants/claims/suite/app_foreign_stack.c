#include <windows.h>
#include <winioctl.h>

#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;
static char *out;

/* The other thread lends its stack, has a request of its own there, and ends. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char answer[8];

    out = answer;
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, answer, 8, NULL, &another);
    return 0;
}

/* Has a request with a buffer on the other thread's stack, and ends. */
int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &over);
    return 0;
}
