/* The kernel is compiled without the compiler's own headers; its types have these names, too. */
#ifndef UNIPKG_STDINT_H
#define UNIPKG_STDINT_H
#include <linux/types.h>
#endif
