#include <windows.h>
#include <winioctl.h>

#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;

/* The other thread has two requests, and ends. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char answer[8];

    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, answer, 8, NULL, &over);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, answer, 8, NULL, &another);
    return 0;
}

/* Ends, and its process with it. */
int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    return 0;
}
