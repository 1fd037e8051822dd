#include <windows.h>
#include <winioctl.h>

#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;

/* The other thread calls without FILE_FLAG_OVERLAPPED: it waits in the call. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char answer[8];
    DWORD n;

    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, answer, 8, &n, NULL);
    return 0;
}

/* Ends, and its process with it. */
int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    return 0;
}
