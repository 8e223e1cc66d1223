/* docs/abi.md, parameter. */
#include <string.h>

#include "unipkg.h"

u64 parameter_number(u32 index, u32 part) {
  return index < image_parameter_count && part < 3 ? image_parameters[index].numbers[part] : 0;
}

u32 parameter_text(u32 index, u32 address, u32 capacity) {
  if (index >= image_parameter_count) return (u32)INVALID;
  u32 length = (u32)strlen(image_parameters[index].text);
  if (length <= capacity) memcpy(at(address), image_parameters[index].text, length);
  return length;
}
