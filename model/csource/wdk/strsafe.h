/* Counted string routines of user mode. */
#ifndef OC_STRSAFE_H
#define OC_STRSAFE_H
#include "windows.h"
#define STRSAFE_MAX_CCH 2147483647
#define StringCbCopy StringCbCopyA
#define StringCbCat StringCbCatA
#define StringCbPrintf StringCbPrintfA
#define StringCbLength StringCbLengthA
#define StringCchCopy StringCchCopyA
#define StringCchCat StringCchCatA
#define StringCchPrintf StringCchPrintfA
#define StringCchLength StringCchLengthA
HRESULT StringCbCopyA(LPSTR d, size_t n, LPCSTR s);
HRESULT StringCbCatA(LPSTR d, size_t n, LPCSTR s);
HRESULT StringCbPrintfA(LPSTR d, size_t n, LPCSTR f, ...);
HRESULT StringCbLengthA(LPCSTR s, size_t n, size_t *length);
HRESULT StringCchCopyA(LPSTR d, size_t n, LPCSTR s);
HRESULT StringCchCatA(LPSTR d, size_t n, LPCSTR s);
HRESULT StringCchPrintfA(LPSTR d, size_t n, LPCSTR f, ...);
HRESULT StringCchLengthA(LPCSTR s, size_t n, size_t *length);
HRESULT StringCbCopyW(LPWSTR d, size_t n, LPCWSTR s);
HRESULT StringCchCopyW(LPWSTR d, size_t n, LPCWSTR s);
HRESULT StringCchPrintfW(LPWSTR d, size_t n, LPCWSTR f, ...);
#endif
