#include <windows.h>
#include <winioctl.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

typedef struct _MESSAGE {
    ULONG Length;
    CHAR  Text[60];
} MESSAGE, *PMESSAGE;

static HANDLE device;
static OVERLAPPED over;
static PMESSAGE out;

/* The other thread changes the message while the driver has it. */
DWORD WINAPI
Other(LPVOID Parameter)
{
    out->Length = 32;
    return 0;
}

int
main(void)
{
    device = CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = (PMESSAGE)VirtualAlloc(NULL, sizeof(MESSAGE), MEM_COMMIT, PAGE_READWRITE);
    out->Length = 8;
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, sizeof(MESSAGE), NULL, &over);
    return 0;
}
