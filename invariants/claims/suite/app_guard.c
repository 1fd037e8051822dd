#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over;

/* Makes the buffer a guard page while the request is pending. */
int
main(void)
{
    char *out;
    DWORD old;

    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DeviceIoControl(device, IOCTL_BUFFERED, NULL, 0, out, 8, NULL, &over);
    VirtualProtect(out, 4096, PAGE_READWRITE | PAGE_GUARD, &old);
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
