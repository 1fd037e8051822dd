/* Kernel mode: objects, constants and routines of ntddk.h and wdm.h. Macros of
   the kit that carry out an operation are routines here, so that each is one
   operation with its documented name. */
#ifndef OC_KERNEL_H
#define OC_KERNEL_H
#include "oc_base.h"
#include "oc_ioctl.h"
#include "oc_kerneltypes.h"
#include "oc_kernelconst.h"
#include "oc_kernelapi.h"
#include "oc_registry.h"
#include "oc_object.h"
#include "oc_pnp.h"
#endif
