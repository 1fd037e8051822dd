#ifndef OC_STDIO_H
#define OC_STDIO_H
#include "oc_base.h"
typedef struct _iobuf { void *_Placeholder; } FILE;
extern FILE *stdin, *stdout, *stderr;
int printf(const char *f, ...);
int printf_s(const char *f, ...);
int wprintf(const wchar_t *f, ...);
int fprintf(FILE *s, const char *f, ...);
int puts(const char *s);
int putchar(int c);
int getchar(void);
int fflush(FILE *s);
int scanf(const char *f, ...);
int scanf_s(const char *f, ...);
FILE *fopen(const char *name, const char *mode);
int fclose(FILE *s);
char *fgets(char *d, int n, FILE *s);
int fputs(const char *s, FILE *f);
int vprintf(const char *f, va_list ap);
int _getch(void);
int _kbhit(void);
#endif
