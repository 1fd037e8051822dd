/* The basic types and macros that kernel and user mode share. */
#ifndef OC_BASE_H
#define OC_BASE_H
#include "oc_sal.h"

#define VOID void
#define CONST const
#define NULL ((void *)0)
#define TRUE 1
#define FALSE 0
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#define FORCEINLINE inline
#define CFORCEINLINE inline
#define INLINE inline
#define DECLSPEC_ALIGN(n) __attribute__((aligned(n)))
#define POINTER_ALIGNMENT __attribute__((aligned(8)))
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define TYPE_ALIGNMENT(t) _Alignof(t)
#define ANYSIZE_ARRAY 1
#define MAXUCHAR 0xff
#define MAXUSHORT 0xffff
#define MAXULONG 0xffffffff
#define MAXLONG 0x7fffffff
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONGLONG (0x7fffffffffffffffLL)
#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12
#define MAX_PATH 260
#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL ((CHAR)0)

typedef unsigned long long size_t;
typedef long long ptrdiff_t;
typedef long long ssize_t;
typedef long long intptr_t;
typedef unsigned long long uintptr_t;
typedef unsigned short wchar_t;
typedef char *va_list;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;

typedef char CHAR, *PCHAR, CCHAR, *LPCH, *PCH, *PSTR, *LPSTR, *NPSTR, *PNZCH;
typedef const char *PCSTR, *LPCSTR, *LPCCH, *PCCH, *PCSZ, *PCNZCH;
typedef signed char SCHAR, *PSCHAR, INT8, *PINT8;
typedef unsigned char UCHAR, *PUCHAR, BYTE, *PBYTE, *LPBYTE, BOOLEAN, *PBOOLEAN, UINT8, *PUINT8, KIRQL, *PKIRQL;
typedef short SHORT, *PSHORT, INT16, *PINT16, CSHORT;
typedef unsigned short USHORT, *PUSHORT, WORD, *PWORD, *LPWORD, UINT16, *PUINT16, ATOM;
typedef int INT, *PINT, *LPINT, INT32, *PINT32, LONG32, *PLONG32, BOOL, *PBOOL, *LPBOOL;
typedef unsigned int UINT, *PUINT, UINT32, *PUINT32, ULONG32, *PULONG32, DWORD32, *PDWORD32;
typedef long LONG, *PLONG, *LPLONG, NTSTATUS, *PNTSTATUS, HRESULT;
typedef unsigned long ULONG, *PULONG, DWORD, *PDWORD, *LPDWORD, ACCESS_MASK, *PACCESS_MASK, LOGICAL, KAFFINITY32;
typedef long long LONGLONG, *PLONGLONG, INT64, *PINT64, LONG64, *PLONG64, LONG_PTR, *PLONG_PTR, INT_PTR, *PINT_PTR, SSIZE_T, *PSSIZE_T, USN;
typedef unsigned long long ULONGLONG, *PULONGLONG, UINT64, *PUINT64, ULONG64, *PULONG64, DWORD64, *PDWORD64, DWORDLONG, *PDWORDLONG, ULONG_PTR, *PULONG_PTR, UINT_PTR, *PUINT_PTR, DWORD_PTR, *PDWORD_PTR, SIZE_T, *PSIZE_T, KAFFINITY, *PKAFFINITY;
typedef long HALF_PTR;
typedef wchar_t WCHAR, *PWCHAR, *PWSTR, *LPWSTR, *LPWCH, *PWCH, *NWPSTR;
typedef const wchar_t *PCWSTR, *LPCWSTR, *LPCWCH, *PCWCH;
typedef PWSTR *PZPWSTR;
typedef void *PVOID, *LPVOID, *HANDLE, **PHANDLE, **LPHANDLE, *PSECURITY_DESCRIPTOR, *PSID;
typedef PVOID *PPVOID;
typedef const void *PCVOID, *LPCVOID;

typedef union _LARGE_INTEGER {
    struct { ULONG LowPart; LONG HighPart; };
    struct { ULONG LowPart; LONG HighPart; } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;
typedef union _ULARGE_INTEGER {
    struct { ULONG LowPart; ULONG HighPart; };
    struct { ULONG LowPart; ULONG HighPart; } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;
typedef struct _LUID { ULONG LowPart; LONG HighPart; } LUID, *PLUID;

typedef struct _LIST_ENTRY { struct _LIST_ENTRY *Flink; struct _LIST_ENTRY *Blink; } LIST_ENTRY, *PLIST_ENTRY, *PRLIST_ENTRY;
typedef struct _SINGLE_LIST_ENTRY { struct _SINGLE_LIST_ENTRY *Next; } SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;
typedef struct _UNICODE_STRING { USHORT Length; USHORT MaximumLength; PWSTR Buffer; } UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;
typedef struct _STRING { USHORT Length; USHORT MaximumLength; PCHAR Buffer; } STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING;
typedef struct _GUID { ULONG Data1; USHORT Data2; USHORT Data3; UCHAR Data4[8]; } GUID, *PGUID, *LPGUID, IID, CLSID;
typedef const GUID *LPCGUID, *REFGUID, *PCGUID;
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    static const GUID name = { l, w1, w2, { b1, b2, b3, b4, b5, b6, b7, b8 } }
#define IsEqualGUID(a, b) RtlIsEqualGUID((a), (b))
#define InlineIsEqualGUID(a, b) RtlIsEqualGUID((a), (b))
int RtlIsEqualGUID();

#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address) - (ULONG_PTR)(&((type *)0)->field)))
#define FIELD_OFFSET(type, field) ((LONG)(LONG_PTR)&(((type *)0)->field))
#define UFIELD_OFFSET(type, field) ((ULONG)(LONG_PTR)&(((type *)0)->field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (FIELD_OFFSET(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))
#define ARRAYSIZE(a) RTL_NUMBER_OF(a)
#define _countof(a) RTL_NUMBER_OF(a)
#define offsetof(type, field) __builtin_offsetof(type, field)
#define C_ASSERT(e) typedef char __C_ASSERT__[(e) ? 1 : -1]
#define UNREFERENCED_PARAMETER(p) ((void)0)
#define UNREFERENCED_LOCAL_VARIABLE(p) ((void)0)
#define DBG_UNREFERENCED_PARAMETER(p) ((void)0)
#define DBG_UNREFERENCED_LOCAL_VARIABLE(p) ((void)0)
#define ALIGN_DOWN_BY(length, alignment) ((ULONG_PTR)(length) & ~((ULONG_PTR)(alignment) - 1))
#define ALIGN_UP_BY(length, alignment) (ALIGN_DOWN_BY(((ULONG_PTR)(length) + (alignment) - 1), alignment))
#define ALIGN_DOWN(length, type) ALIGN_DOWN_BY(length, sizeof(type))
#define ALIGN_UP(length, type) ALIGN_UP_BY(length, sizeof(type))
#define FlagOn(f, s) ((f) & (s))
#define BooleanFlagOn(f, s) ((BOOLEAN)(((f) & (s)) != 0))
#define SetFlag(f, s) ((f) |= (s))
#define ClearFlag(f, s) ((f) &= ~(s))
#define PtrToUlong(p) ((ULONG)(ULONG_PTR)(p))
#define PtrToLong(p) ((LONG)(LONG_PTR)(p))
#define UlongToPtr(u) ((void *)(ULONG_PTR)(u))
#define ULongToPtr(u) UlongToPtr(u)
#define LongToPtr(l) ((void *)(LONG_PTR)(l))
#define HandleToUlong(h) ((ULONG)(ULONG_PTR)(h))
#define HandleToULong(h) HandleToUlong(h)
#define UlongToHandle(u) ((HANDLE)(ULONG_PTR)(u))
#define Int32x32To64(a, b) ((LONGLONG)(a) * (LONGLONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(a) * (ULONGLONG)(b))
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define LOWORD(l) ((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l) ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w) ((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w) ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))
#define TEXT(s) s
#define DECLARE_HANDLE(name) typedef HANDLE name
#define DEFINE_ENUM_FLAG_OPERATORS(t)

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define EXCEPTION_MAXIMUM_PARAMETERS 15
typedef struct _CONTEXT *PCONTEXT;
typedef struct _EXCEPTION_RECORD { DWORD ExceptionCode; DWORD ExceptionFlags; struct _EXCEPTION_RECORD *ExceptionRecord; PVOID ExceptionAddress;
    DWORD NumberParameters; ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS]; } EXCEPTION_RECORD, *PEXCEPTION_RECORD;
typedef struct _EXCEPTION_POINTERS { PEXCEPTION_RECORD ExceptionRecord; PCONTEXT ContextRecord; } EXCEPTION_POINTERS, *PEXCEPTION_POINTERS, *LPEXCEPTION_POINTERS;
#define GetExceptionCode() __oc_exception_code()
#define GetExceptionInformation() (&(EXCEPTION_POINTERS){ &(EXCEPTION_RECORD){ __oc_exception_record() }, (PCONTEXT)0 })
#define AbnormalTermination() __oc_abnormal()

/* One name for each operation, however it is spelt. */
void RtlCopyMemory(void *Destination, const void *Source, SIZE_T Length);
void RtlMoveMemory(void *Destination, const void *Source, SIZE_T Length);
void RtlZeroMemory(void *Destination, SIZE_T Length);
void RtlSecureZeroMemory(void *Destination, SIZE_T Length);
void RtlFillMemory(void *Destination, SIZE_T Length, int Fill);
SIZE_T RtlCompareMemory(const void *Source1, const void *Source2, SIZE_T Length);
LOGICAL RtlEqualMemory(const void *Source1, const void *Source2, SIZE_T Length);
#define RtlCopyBytes RtlCopyMemory
#define RtlZeroBytes RtlZeroMemory
#define RtlFillBytes RtlFillMemory
#define CopyMemory RtlCopyMemory
#define MoveMemory RtlMoveMemory
#define ZeroMemory RtlZeroMemory
#define FillMemory RtlFillMemory
#define SecureZeroMemory RtlSecureZeroMemory
void *memcpy(void *d, const void *s, size_t n);
void *memmove(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
size_t wcslen(const wchar_t *s);
size_t wcsnlen(const wchar_t *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int _stricmp(const char *a, const char *b);
int wcscmp(const wchar_t *a, const wchar_t *b);
int wcsncmp(const wchar_t *a, const wchar_t *b, size_t n);
int _wcsicmp(const wchar_t *a, const wchar_t *b);
char *strcpy(char *d, const char *s);
char *strncpy(char *d, const char *s, size_t n);
char *strcat(char *d, const char *s);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *t);
wchar_t *wcscpy(wchar_t *d, const wchar_t *s);
wchar_t *wcscat(wchar_t *d, const wchar_t *s);
wchar_t *wcsstr(const wchar_t *s, const wchar_t *t);
wchar_t *wcsrchr(const wchar_t *s, wchar_t c);
wchar_t *wcsncpy(wchar_t *d, const wchar_t *s, size_t n);
wchar_t *wcschr(const wchar_t *s, wchar_t c);
int sprintf(char *d, const char *f, ...);
int _snprintf(char *d, size_t n, const char *f, ...);
int sprintf_s(char *d, size_t n, const char *f, ...);
int strcpy_s(char *d, size_t n, const char *s);
int strcat_s(char *d, size_t n, const char *s);

LONG InterlockedIncrement(LONG volatile *a);
LONG InterlockedDecrement(LONG volatile *a);
LONG InterlockedExchange(LONG volatile *a, LONG v);
LONG InterlockedExchangeAdd(LONG volatile *a, LONG v);
LONG InterlockedAdd(LONG volatile *a, LONG v);
LONG InterlockedCompareExchange(LONG volatile *a, LONG v, LONG c);
LONG InterlockedAnd(LONG volatile *a, LONG v);
LONG InterlockedOr(LONG volatile *a, LONG v);
LONG InterlockedXor(LONG volatile *a, LONG v);
LONGLONG InterlockedIncrement64(LONGLONG volatile *a);
LONGLONG InterlockedDecrement64(LONGLONG volatile *a);
LONGLONG InterlockedExchange64(LONGLONG volatile *a, LONGLONG v);
LONGLONG InterlockedExchangeAdd64(LONGLONG volatile *a, LONGLONG v);
LONGLONG InterlockedCompareExchange64(LONGLONG volatile *a, LONGLONG v, LONGLONG c);
SHORT InterlockedIncrement16(SHORT volatile *a);
SHORT InterlockedDecrement16(SHORT volatile *a);
UCHAR InterlockedBitTestAndSet(LONG volatile *a, LONG b);
UCHAR InterlockedBitTestAndReset(LONG volatile *a, LONG b);
PVOID InterlockedExchangePointer(PVOID volatile *a, PVOID v);
PVOID InterlockedCompareExchangePointer(PVOID volatile *a, PVOID v, PVOID c);
LONG ReadAcquire(LONG const volatile *a);
LONG ReadNoFence(LONG const volatile *a);
void WriteRelease(LONG volatile *a, LONG v);
void WriteNoFence(LONG volatile *a, LONG v);
PVOID ReadPointerAcquire(PVOID const volatile *a);
PVOID ReadPointerNoFence(PVOID const volatile *a);
void WritePointerRelease(PVOID volatile *a, PVOID v);
void MemoryBarrier(void);
void KeMemoryBarrier(void);
void YieldProcessor(void);
void _ReadWriteBarrier(void);
LONGLONG InterlockedAdd64(LONGLONG volatile *a, LONGLONG v);
LONGLONG InterlockedAnd64(LONGLONG volatile *a, LONGLONG v);
LONGLONG InterlockedOr64(LONGLONG volatile *a, LONGLONG v);
LONGLONG InterlockedXor64(LONGLONG volatile *a, LONGLONG v);
SHORT InterlockedExchange16(SHORT volatile *a, SHORT v);
SHORT InterlockedCompareExchange16(SHORT volatile *a, SHORT v, SHORT c);
CHAR InterlockedExchange8(CHAR volatile *a, CHAR v);
UCHAR InterlockedBitTestAndSet64(LONGLONG volatile *a, LONGLONG b);
UCHAR InterlockedBitTestAndReset64(LONGLONG volatile *a, LONGLONG b);
LONGLONG ReadAcquire64(LONGLONG const volatile *a);
LONGLONG ReadNoFence64(LONGLONG const volatile *a);
void WriteRelease64(LONGLONG volatile *a, LONGLONG v);
void WriteNoFence64(LONGLONG volatile *a, LONGLONG v);
#define InterlockedExchangeAcquire InterlockedExchange
#define InterlockedExchangeNoFence InterlockedExchange
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange
#define InterlockedCompareExchangeNoFence InterlockedCompareExchange
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedIncrementSizeT(a) InterlockedIncrement64((LONGLONG volatile *)(a))
#define InterlockedDecrementSizeT(a) InterlockedDecrement64((LONGLONG volatile *)(a))
#define _InterlockedXor InterlockedXor
#define _InterlockedIncrement64 InterlockedIncrement64
#define _InterlockedDecrement64 InterlockedDecrement64
#define _InterlockedExchange64 InterlockedExchange64
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd64
#define _InterlockedCompareExchange64 InterlockedCompareExchange64
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer
#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementNoFence InterlockedIncrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedDecrementNoFence InterlockedDecrement
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedExchange InterlockedExchange
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedOr InterlockedOr
#define _InterlockedAnd InterlockedAnd

#include "ntstatus.h"
#endif
