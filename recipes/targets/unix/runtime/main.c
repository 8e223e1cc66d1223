/* The life of an image: docs/abi.md, What the image exports. */
#include <signal.h>
#include <string.h>

#include "unipkg.h"

/* EX_USAGE of sysexits(3), as unipkg itself ends. */
enum { USAGE = 64 };

static void tell(const char *first, const char *second, const char *third) {
  console_text(2, first);
  console_text(2, second);
  console_text(2, third);
}

static void list_parameters(void) {
  for (u32 index = 0; index < image_parameter_count; index++) {
    const struct image_parameter *parameter = &image_parameters[index];
    tell("  ", parameter->name, "=");
    tell(parameter->text, "  ", parameter->doc);
    tell(" (", parameter->type, ")\n");
  }
}

/* The parameter that a word `NAME=VALUE` is for; NULL when there is none. */
static struct image_parameter *parameter_of(const char *word, const char *end) {
  size_t length = end == NULL ? 0 : (size_t)(end - word);
  for (u32 index = 0; index < image_parameter_count; index++) {
    struct image_parameter *parameter = &image_parameters[index];
    if (strlen(parameter->name) == length && memcmp(parameter->name, word, length) == 0) return parameter;
  }
  return NULL;
}

static void take_word(const char *image, const char *word) {
  const char *end = strchr(word, '=');
  struct image_parameter *parameter = parameter_of(word, end);
  if (parameter == NULL) {
    tell(image, image_parameter_count > 0 ? ": words are NAME=VALUE, not \"" : ": takes no words, such as \"", word);
    console_text(2, image_parameter_count > 0 ? "\"; names, and values when nothing is said:\n" : "\"\n");
    list_parameters();
    event_exit(USAGE);
  }
  const char *fault = parameter_set(parameter, end + 1);
  if (fault == NULL) return;
  tell(image, ": ", parameter->name);
  tell(" ", fault, ", it is \"");
  tell(end + 1, "\"", "\n");
  event_exit(USAGE);
}

int main(int count, char **words) {
  for (int index = 1; index < count; index++) take_word(words[0], words[index]);
  /* A peer that is gone is told by the result of a write. */
  signal(SIGPIPE, SIG_IGN);
  trap_open();
  memory_open();
  image_initialize();
  struct record *records = at(image_records());
  u64 deadline = image_start(clock_monotonic());
  while (deadline != ENDED) {
    u32 ready = event_wait(deadline, records);
    deadline = image_poll(clock_monotonic(), ready);
  }
  event_exit(0);
}
