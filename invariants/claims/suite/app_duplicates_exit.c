#include <windows.h>
#include <winioctl.h>

#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static HANDLE copy;
static OVERLAPPED over, another;

/* The other thread has a request of its own, with a buffer on its stack, and
   ends. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char answer[8];

    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, answer, 8, NULL, &another);
    return 0;
}

/* Gives another process a handle of the same file, and ends, and its process with
   it, while both requests are pending. */
int
main(void)
{
    char *out;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    DuplicateHandle(GetCurrentProcess(), device, OpenProcess(PROCESS_DUP_HANDLE, FALSE, 4), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &over);
    return 0;
}
