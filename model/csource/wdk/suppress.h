#include "oc_base.h"
