#include <windows.h>
#include <winioctl.h>

#define IOCTL_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;
int seen;

/* Both buffers are locals of a function that returns while the request is pending. */
static void
Ask(void)
{
    char in[4];
    char out[8];

    in[0] = 'Q';
    DeviceIoControl(device, IOCTL_DIRECT, in, sizeof(in), out, sizeof(out), NULL, &over);
}

/* Another function, whose locals come to lie where those were. */
static void
Work(void)
{
    char mine[8];
    char more[16];

    mine[0] = 'M';
    more[0] = 'M';
    WaitForSingleObject(over.hEvent, INFINITE);
    seen = mine[0];
}

/* The other thread has a request of its own on a block of the heap, which it
   frees at once. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    char *out;

    out = HeapAlloc(GetProcessHeap(), 0, 8);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &another);
    HeapFree(GetProcessHeap(), 0, out);
    return 0;
}

int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    Ask();
    Work();
    return 0;
}
