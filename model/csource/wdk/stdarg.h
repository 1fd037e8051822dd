#include "oc_base.h"
#define va_start(ap, last) ((void)(ap = (va_list)0))
#define va_arg(ap, type) (*(type *)__oc_va_arg(ap))
#define va_copy(to, from) ((void)((to) = (from)))
#define va_end(ap) ((void)0)
