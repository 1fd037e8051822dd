#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;
static char *out;
int failed;

/* The other thread has a request of its own on the same buffer, then frees the
   buffer, at any moment, and gets new memory at the same address. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &another);
    VirtualFree(out, 0, MEM_RELEASE);
    VirtualAlloc(out, 4096, MEM_COMMIT, PAGE_READWRITE);
    return 0;
}

int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    if (!DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &over) &&
        GetLastError() != ERROR_IO_PENDING) {
        failed = 1;
        return 0;
    }
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
