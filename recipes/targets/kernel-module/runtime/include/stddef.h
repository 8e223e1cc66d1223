/* As stdint.h here. */
#ifndef UNIPKG_STDDEF_H
#define UNIPKG_STDDEF_H
#include <linux/stddef.h>
#include <linux/types.h>
#endif
