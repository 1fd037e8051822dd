#include "oc_base.h"
#define va_start(ap, last) ((void)(ap = (va_list)0))
#define va_end(ap) ((void)0)
