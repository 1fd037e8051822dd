#ifndef OC_STDLIB_H
#define OC_STDLIB_H
#include "oc_base.h"
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void free(void *p);
void *_aligned_malloc(size_t n, size_t alignment);
void _aligned_free(void *p);
void *_alloca(size_t n);
void exit(int status);
void _exit(int status);
void abort(void);
int atoi(const char *s);
long atol(const char *s);
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
int rand(void);
void srand(unsigned int seed);
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define __max(a, b) (((a) > (b)) ? (a) : (b))
#define __min(a, b) (((a) < (b)) ? (a) : (b))
#endif
