/* docs/abi.md, parameter: parameters of the module, which `insmod` is given. */
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "module.h"

u64 parameter_number(u32 index, u32 part) {
  return index < image_parameter_count && part < 3 ? image_parameters[index].numbers[part] : 0;
}

u32 parameter_text(u32 index, u32 address, u32 capacity) {
  void *into = range(address, capacity);
  if (index >= image_parameter_count) return (u32)INVALID;
  u32 length = (u32)strlen(image_parameters[index].text);
  if (length <= capacity) memcpy(into, image_parameters[index].text, length);
  return length;
}

/* The kernel keeps the words that a module was loaded with as long as the module. */
static int set(const char *text, const struct kernel_param *parameter) {
  struct image_parameter *own = parameter->arg;
  const char *fault = parameter_set(own, text);
  if (fault == NULL) return 0;
  printk(KERN_ERR KBUILD_MODNAME ": %s %s, it is \"%s\"\n", own->name, fault, text);
  return -EINVAL;
}

static int get(char *buffer, const struct kernel_param *parameter) {
  const struct image_parameter *own = parameter->arg;
  return scnprintf(buffer, PAGE_SIZE, "%s\n", own->text);
}

const struct kernel_param_ops parameter_operations = {.set = set, .get = get};
