/*
 * Values of settings as they are given at the start, by the rules of model/setting.ts. The same file for every target
 * that has them.
 */
#include "unipkg.h"

static char fault[128];
static u32 used;

static void add_text(const char *text) {
  while (*text != 0 && used < sizeof fault - 1) fault[used++] = *text++;
  fault[used] = 0;
}

static void add_number(u64 value) {
  char digits[21];
  u32 at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  add_text(digits + at);
}

static const char *number_fault(const struct image_parameter *parameter) {
  used = 0;
  add_text("must be a whole number from ");
  if (parameter->kind == PARAMETER_SIGNED) add_text("-");
  add_number(parameter->kind == PARAMETER_SIGNED ? -parameter->least : parameter->least);
  add_text(" to ");
  add_number(parameter->most);
  return fault;
}

static int is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/* All of `text` as a number of at most 20 digits. */
static int read_digits(const char *text, u64 *value) {
  u32 count = 0;
  *value = 0;
  for (; is_digit(*text); text++, count++) {
    if (__builtin_mul_overflow(*value, 10, value)) return 0;
    if (__builtin_add_overflow(*value, (u64)(*text - '0'), value)) return 0;
  }
  return count > 0 && count <= 20 && *text == 0;
}

static int read_number(const struct image_parameter *parameter, const char *text, u64 *value) {
  int negative = *text == '-';
  if (!read_digits(text + negative, value)) return 0;
  if (!negative) return *value <= parameter->most;
  /* The bounds are two's complement: below 0, the least is the greatest distance. */
  if (*value > -parameter->least) return 0;
  *value = -*value;
  return 1;
}

/* A number of at most three digits, without zeros in front, up to `most`; where it ends, or NULL. */
static const char *read_small(const char *text, u32 most, u64 *value) {
  const char *start = text;
  *value = 0;
  while (is_digit(*text) && text - start < 3) *value = *value * 10 + (u64)(*text++ - '0');
  if (text == start || is_digit(*text) || (*start == '0' && text - start > 1)) return NULL;
  return *value <= most ? text : NULL;
}

static const char *read_ipv4(const char *text, u64 *address) {
  *address = 0;
  for (u32 octet = 0; octet < 4; octet++) {
    u64 value;
    if (octet > 0 && *text++ != '.') return NULL;
    text = read_small(text, 255, &value);
    if (text == NULL) return NULL;
    *address = *address << 8 | value;
  }
  return text;
}

static int hex_digit(char letter) {
  if (is_digit(letter)) return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* RFC 4291, section 2.2; where it ends, or NULL. */
static const char *read_ipv6(const char *text, u64 numbers[2]) {
  u16 parts[8];
  u32 count = 0, gap = 8;
  if (text[0] == ':') {
    if (text[1] != ':') return NULL;
    gap = 0;
    text += 2;
  }
  while (count < 8 && hex_digit(*text) >= 0) {
    u64 low;
    const char *end = count <= 6 ? read_ipv4(text, &low) : NULL;
    if (end != NULL) {
      parts[count++] = (u16)(low >> 16);
      parts[count++] = (u16)low;
      text = end;
      break;
    }
    parts[count] = 0;
    for (u32 digits = 0; digits < 4 && hex_digit(*text) >= 0; digits++) {
      parts[count] = (u16)(parts[count] << 4 | hex_digit(*text++));
    }
    count++;
    if (*text != ':') break;
    if (text[1] == ':') {
      if (gap != 8) return NULL;
      gap = count;
      text++;
    } else if (hex_digit(text[1]) < 0) {
      return NULL;
    }
    text++;
  }
  if (gap == 8 ? count != 8 : count > 7) return NULL;
  u64 words[2] = {0, 0};
  for (u32 at = 0; at < 8; at++) {
    u32 missing = 8 - count;
    u16 part = at < gap ? parts[at] : at < gap + missing ? 0 : parts[at - missing];
    words[at / 4] = words[at / 4] << 16 | part;
  }
  numbers[0] = words[0];
  numbers[1] = words[1];
  return text;
}

/* What follows an address: nothing, or `/` and the length of a prefix. */
static int read_rest(const char *text, u32 longest, u64 *prefix) {
  if (text == NULL) return 0;
  if (longest == 0) return *text == 0;
  if (*text != '/') return 0;
  text = read_small(text + 1, longest, prefix);
  return text != NULL && *text == 0;
}

static int same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

const char *parameter_set(struct image_parameter *parameter, const char *text) {
  u64 numbers[3] = {0, 0, 0};
  switch (parameter->kind) {
    case PARAMETER_BOOL:
      numbers[0] = same(text, "true");
      if (!numbers[0] && !same(text, "false")) return "must be true or false";
      break;
    case PARAMETER_UNSIGNED:
    case PARAMETER_SIGNED:
      if (!read_number(parameter, text, numbers)) return number_fault(parameter);
      break;
    case PARAMETER_IPV4:
      if (!read_rest(read_ipv4(text, numbers), 0, NULL)) {
        return "must be an IPv4 address such as \"10.0.0.2\"";
      }
      break;
    case PARAMETER_IPV4_CIDR:
      if (!read_rest(read_ipv4(text, numbers), 32, numbers + 1)) {
        return "must be an IPv4 address with its prefix length, such as \"10.0.0.2/24\"";
      }
      break;
    case PARAMETER_IPV6:
      if (!read_rest(read_ipv6(text, numbers), 0, NULL)) {
        return "must be an IPv6 address such as \"2001:db8::2\"";
      }
      break;
    case PARAMETER_IPV6_CIDR:
      if (!read_rest(read_ipv6(text, numbers), 128, numbers + 2)) {
        return "must be an IPv6 address with its prefix length, such as \"2001:db8::2/64\"";
      }
      break;
    default:
      break;
  }
  parameter->text = text;
  for (u32 part = 0; part < 3; part++) parameter->numbers[part] = numbers[part];
  return NULL;
}
