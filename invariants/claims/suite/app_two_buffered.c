#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static HANDLE device;
static OVERLAPPED over, another;
static char question[8];
static char *out;
int seen;

/* Both buffers are locals of a function that returns while the request is pending. */
static void
Ask(void)
{
    char in[4];
    char out[8];

    in[0] = 'Q';
    DeviceIoControl(device, IOCTL_BUFFERED, in, sizeof(in), out, sizeof(out), NULL, &over);
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

/* The other thread has a request of its own, with more input than output, frees
   its buffer while that is pending, and gets new memory at the same address. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DeviceIoControl(device, IOCTL_BUFFERED, question, sizeof(question), out, 4, NULL, &another);
    VirtualFree(out, 0, MEM_RELEASE);
    VirtualAlloc(out, 4096, MEM_COMMIT, PAGE_READWRITE);
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
