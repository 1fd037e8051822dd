#include "oc_kernel.h"
