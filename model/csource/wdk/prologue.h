int __predefined_declarator;
#define __builtin_offsetof(type, member) ((unsigned long long)&(((type *)0)->member))
#define _WIN32 1
#define _WIN64 1
#define _AMD64_ 1
#define _M_AMD64 100
#define _M_X64 100
#define _MSC_VER 1930
#define _MSC_EXTENSIONS 1
#define _WIN32_WINNT 0x0A00
#define WINVER 0x0A00
#define NTDDI_VERSION 0x0A000000
#define __STDC__ 1
#define __STDC_VERSION__ 199901L
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define _int64 long long
#define __cdecl
#define _cdecl
#define __stdcall
#define _stdcall
#define __fastcall
#define __vectorcall
#define __inline inline
#define _inline inline
#define __forceinline inline
#define __unaligned
#define __ptr64
#define __ptr32
#define __w64
#define __restrict
#define __based(x)
#define __pragma(x)
#define __annotation(...) ((void)0)
#define __debugbreak() __oc_breakpoint()
#define __FUNCTION__ __func__
#define __FUNCSIG__ __func__
#define __declspec(x) __oc_declspec_##x
#define _declspec(x) __oc_declspec_##x
#define __oc_declspec_align(n) __attribute__((aligned(n)))
#define __oc_declspec_allocate(s)
#define __oc_declspec_code_seg(s)
#define __oc_declspec_deprecated
#define __oc_declspec_dllexport
#define __oc_declspec_dllimport
#define __oc_declspec_guard(x)
#define __oc_declspec_naked
#define __oc_declspec_noalias
#define __oc_declspec_noinline
#define __oc_declspec_noreturn
#define __oc_declspec_nothrow
#define __oc_declspec_novtable
#define __oc_declspec_restrict
#define __oc_declspec_selectany
#define __oc_declspec_thread
#define __oc_declspec_uuid(s)
void __oc_breakpoint(void);
void *__oc_va_arg(char *);
int __oc_try(void);
int __oc_except(int);
int __oc_finally(void);
void __oc_leave(void);
int __oc_abnormal(void);
long __oc_exception_code(void);
long __oc_exception_record(void);
#define __try if (__oc_try())
#define __except(filter) else if (__oc_except(filter))
#define __finally else if (__oc_finally())
#define __leave __oc_leave()
#define _try __try
#define _except(filter) __except(filter)
#define _finally __finally
#define _leave __leave
#define _exception_code() __oc_exception_code()
#define _exception_info() GetExceptionInformation()
#define _abnormal_termination() __oc_abnormal()
