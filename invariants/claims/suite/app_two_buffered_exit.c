#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;

/* The other thread has a request of its own, with a buffer on its stack, and
   ends. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char answer[8];

    DeviceIoControl(device, IOCTL_BUFFERED, NULL, 0, answer, 8, NULL, &another);
    return 0;
}

/* Ends, and its process with it, while both requests are pending. */
int
main(void)
{
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_BUFFERED, NULL, 0, out, 8, NULL, &over);
    return 0;
}
