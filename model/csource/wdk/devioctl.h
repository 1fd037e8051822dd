#include "oc_base.h"
#include "oc_ioctl.h"
