/**
 * The C that every translated program begins with: types, memory access, and WebAssembly's semantics
 * where C's differ. https://webassembly.github.io/spec/core/exec/numerics.html
 *
 * The linear memory is at `MEMORY`, 0 unless the target says otherwise: then an address of the program
 * is an address of the machine, and a load is one instruction.
 */
export const prelude = `#include "unipkg.h"

/* How frames are undone is for debuggers alone: nothing unwinds them when the image runs. */
__asm__(".cfi_sections .debug_frame");

typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef float f32;
typedef double f64;

/* Unaligned, and overlaying everything. */
#define OVERLAY __attribute__((may_alias, aligned(1)))
typedef u8 OVERLAY u8m;
typedef s8 OVERLAY s8m;
typedef u16 OVERLAY u16m;
typedef s16 OVERLAY s16m;
typedef u32 OVERLAY u32m;
typedef s32 OVERLAY s32m;
typedef u64 OVERLAY u64m;
typedef f32 OVERLAY f32m;
typedef f64 OVERLAY f64m;

#ifndef MEMORY
#define MEMORY 0ull
#endif
/* 32 bits of address and 32 of offset reach 8 GiB: all of it is reserved, what is not grown faults. */
#ifndef AT
#define AT(type, address, offset) (*(type *)(MEMORY + (u64)(address) + offset##ull))
#define AT_FAULTS 1
#else
#define AT_FAULTS 0
#endif
/* What a target checks at the start of each function. */
#ifndef ENTER
#define ENTER
#endif
/* And wherever it may come by again and again: in each round of a loop, in each function that may call itself. */
#ifndef REPEAT
#define REPEAT
#endif
/*
 * Where a trap is, for its message. A SMALL image has no such texts: it tells the program counter, and the debug file
 * knows the rest. For the same reason its assertions tell no file and line of their own, but who called.
 */
#ifdef SMALL
#define WHERE(text) ((const char *)0)
#define TRAP(cause, where) trap_here(cause)
/* An instruction of two bytes, which the processor has no meaning for. */
#define UNREACHABLE(where) __builtin_trap()
#define TRAP_AT_CALL(cause, where)                                                                \\
  trap_counter(cause, code_counter((u64)__builtin_return_address(0) - 1))
#define env_abort(message, file, line, column) env_fail(message)
#else
#define WHERE(text) text
#define TRAP(cause, where) trap(cause, where)
#define UNREACHABLE(where) trap("unreachable", where)
#define TRAP_AT_CALL TRAP
#endif
#define SELDOM __attribute__((cold))
/* Where all is made small, what is often run is not. */
#if defined SMALL && !defined __clang__
#define OFTEN __attribute__((optimize("O2")))
#else
#define OFTEN
#endif
#define INLINE static inline __attribute__((always_inline, unused))
/* By its reserved name, since Linux has a macro of the other. */
#define OUTLINE static __attribute__((__noinline__, unused))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

INLINE u32 i32_clz(u32 a) { return a ? (u32)__builtin_clz(a) : 32; }
INLINE u32 i32_ctz(u32 a) { return a ? (u32)__builtin_ctz(a) : 32; }
INLINE u64 i64_clz(u64 a) { return a ? (u64)__builtin_clzll(a) : 64; }
INLINE u64 i64_ctz(u64 a) { return a ? (u64)__builtin_ctzll(a) : 64; }
INLINE u64 i64_popcnt(u64 a) {
  a -= (a >> 1) & 0x5555555555555555ull;
  a = (a & 0x3333333333333333ull) + ((a >> 2) & 0x3333333333333333ull);
  a = (a + (a >> 4)) & 0x0f0f0f0f0f0f0f0full;
  return (a * 0x0101010101010101ull) >> 56;
}
INLINE u32 i32_popcnt(u32 a) { return (u32)i64_popcnt(a); }
INLINE u32 i32_rotl(u32 a, u32 b) { return (a << (b & 31)) | (a >> (-b & 31)); }
INLINE u32 i32_rotr(u32 a, u32 b) { return (a >> (b & 31)) | (a << (-b & 31)); }
INLINE u64 i64_rotl(u64 a, u64 b) { return (a << (b & 63)) | (a >> (-b & 63)); }
INLINE u64 i64_rotr(u64 a, u64 b) { return (a >> (b & 63)) | (a << (-b & 63)); }

#define DIVISION(type, u, s, minimum)                                                             \\
  INLINE u type##_div_s(u a, u b, const char *where) {                                            \\
    if (UNLIKELY(b == 0)) TRAP("integer divide by zero", where);                                  \\
    if (UNLIKELY(a == minimum && b == (u)-1)) TRAP("integer overflow", where);                    \\
    return (u)((s)a / (s)b);                                                                      \\
  }                                                                                               \\
  INLINE u type##_div_u(u a, u b, const char *where) {                                            \\
    if (UNLIKELY(b == 0)) TRAP("integer divide by zero", where);                                  \\
    return a / b;                                                                                 \\
  }                                                                                               \\
  INLINE u type##_rem_s(u a, u b, const char *where) {                                            \\
    if (UNLIKELY(b == 0)) TRAP("integer divide by zero", where);                                  \\
    return b == (u)-1 ? 0 : (u)((s)a % (s)b);                                                     \\
  }                                                                                               \\
  INLINE u type##_rem_u(u a, u b, const char *where) {                                            \\
    if (UNLIKELY(b == 0)) TRAP("integer divide by zero", where);                                  \\
    return a % b;                                                                                 \\
  }
DIVISION(i32, u32, s32, 0x80000000u)
DIVISION(i64, u64, s64, 0x8000000000000000ull)

/* The host's sizes are checked by wasm's rules, before any byte is touched. */
#define BOUND(start, length, size, TRAP)                                                          \\
  if (UNLIKELY((u64)(start) + (length) > (size))) TRAP("memory access out of bounds", where)
#define CHECKED(kind, suffix, faults, TRAP)                                                       \\
  kind void memory_copy_##suffix(u32 to, u32 from, u32 length, const char *where) {               \\
    if (!faults) BOUND(to, length, (u64)memory_pages << 16, TRAP);                                \\
    if (!faults) BOUND(from, length, (u64)memory_pages << 16, TRAP);                              \\
    __builtin_memmove((void *)(MEMORY + to), (void *)(MEMORY + from), length);                    \\
  }                                                                                               \\
  kind void memory_fill_##suffix(u32 to, u32 value, u32 length, const char *where) {              \\
    if (!faults) BOUND(to, length, (u64)memory_pages << 16, TRAP);                                \\
    __builtin_memset((void *)(MEMORY + to), (int)value, length);                                  \\
  }
/* Up to 16 bytes are a load or two and fault as these do; none at all have an address, too, that is checked. */
CHECKED(INLINE, few, (AT_FAULTS && length - 1 < 16), TRAP)
/* Those of any length are functions: what they call is one, too. */
CHECKED(OUTLINE, any, 0, TRAP_AT_CALL)
#define FEW(length) (__builtin_constant_p(length) && (length) <= 64)
#define memory_copy(to, from, length, where)                                                      \\
  (FEW(length) ? memory_copy_few(to, from, length, where)                                         \\
               : memory_copy_any(to, from, length, where))
#define memory_fill(to, value, length, where)                                                     \\
  (FEW(length) ? memory_fill_few(to, value, length, where)                                        \\
               : memory_fill_any(to, value, length, where))
INLINE void memory_init(const u8 *data, u32 size, u32 to, u32 from, u32 length, const char *where) {
  BOUND(from, length, size, TRAP);
  BOUND(to, length, (u64)memory_pages << 16, TRAP);
  __builtin_memcpy((void *)(MEMORY + to), data + from, length);
}
`;

/** What a program with floating point needs besides; one without has no trace of it. */
export const floatPrelude = `
INLINE u32 i32_reinterpret(f32 a) { u32 b; __builtin_memcpy(&b, &a, 4); return b; }
INLINE u64 i64_reinterpret(f64 a) { u64 b; __builtin_memcpy(&b, &a, 8); return b; }
INLINE f32 f32_reinterpret(u32 a) { f32 b; __builtin_memcpy(&b, &a, 4); return b; }
INLINE f64 f64_reinterpret(u64 a) { f64 b; __builtin_memcpy(&b, &a, 8); return b; }

/* From this magnitude on every value is whole; adding and taking it away rounds to even below. */
#define f32_WHOLE 0x1p23f
#define f64_WHOLE 0x1p52
#define FLOAT(type, u, s, sign)                                                                   \\
  INLINE type type##_abs(type a) { return type##_reinterpret(u##_reinterpret(a) & ~sign); }       \\
  INLINE type type##_neg(type a) { return type##_reinterpret(u##_reinterpret(a) ^ sign); }        \\
  INLINE type type##_copysign(type a, type b) {                                                   \\
    return type##_reinterpret((u##_reinterpret(a) & ~sign) | (u##_reinterpret(b) & sign));        \\
  }                                                                                               \\
  INLINE type type##_trunc(type a) {                                                              \\
    if (!(type##_abs(a) < type##_WHOLE)) return a + 0;                                            \\
    return type##_copysign((type)(s)a, a);                                                        \\
  }                                                                                               \\
  INLINE type type##_floor(type a) {                                                              \\
    type t = type##_trunc(a);                                                                     \\
    return t > a ? t - 1 : t;                                                                     \\
  }                                                                                               \\
  INLINE type type##_ceil(type a) {                                                               \\
    type t = type##_trunc(a);                                                                     \\
    return t < a ? type##_copysign(t + 1, a) : t;                                                 \\
  }                                                                                               \\
  INLINE type type##_nearest(type a) {                                                            \\
    type t = type##_abs(a);                                                                       \\
    if (!(t < type##_WHOLE)) return a + 0;                                                        \\
    return type##_copysign((t + type##_WHOLE) - type##_WHOLE, a);                                 \\
  }                                                                                               \\
  INLINE type type##_min(type a, type b) {                                                        \\
    if (a != a || b != b) return a + b;                                                           \\
    if (a == b) return type##_reinterpret(u##_reinterpret(a) | u##_reinterpret(b));               \\
    return a < b ? a : b;                                                                         \\
  }                                                                                               \\
  INLINE type type##_max(type a, type b) {                                                        \\
    if (a != a || b != b) return a + b;                                                           \\
    if (a == b) return type##_reinterpret(u##_reinterpret(a) & u##_reinterpret(b));               \\
    return a > b ? a : b;                                                                         \\
  }
FLOAT(f32, i32, s32, 0x80000000u)
FLOAT(f64, i64, s64, 0x8000000000000000ull)
INLINE f32 f32_sqrt(f32 a) { return __builtin_sqrtf(a); }
INLINE f64 f64_sqrt(f64 a) { return __builtin_sqrt(a); }

/* In range when above (or at) \`low\` and below \`high\`; both are exact in the float's type. */
#define TRUNCATION(name, from, u, s, low, high, least, most)                                      \\
  INLINE u name##_##from##_##s(from a, const char *where) {                                       \\
    if (UNLIKELY(a != a)) TRAP("invalid conversion to integer", where);                           \\
    if (UNLIKELY(!(a low && a < high))) TRAP("integer overflow", where);                          \\
    return CONVERT_##s(u, a);                                                                     \\
  }                                                                                               \\
  INLINE u name##_sat_##from##_##s(from a) {                                                      \\
    if (a != a) return 0;                                                                         \\
    if (!(a low)) return least;                                                                   \\
    if (!(a < high)) return most;                                                                 \\
    return CONVERT_##s(u, a);                                                                     \\
  }
#define CONVERT_s(u, a) ((u)SIGNED_##u(a))
#define CONVERT_u(u, a) ((u)(a))
#define SIGNED_u32(a) ((s32)(a))
#define SIGNED_u64(a) ((s64)(a))
TRUNCATION(i32_trunc, f32, u32, s, >= -0x1p31f, 0x1p31f, 0x80000000u, 0x7fffffffu)
TRUNCATION(i32_trunc, f32, u32, u, > -1.0f, 0x1p32f, 0u, 0xffffffffu)
TRUNCATION(i32_trunc, f64, u32, s, > -0x1.00000002p31, 0x1p31, 0x80000000u, 0x7fffffffu)
TRUNCATION(i32_trunc, f64, u32, u, > -1.0, 0x1p32, 0u, 0xffffffffu)
TRUNCATION(i64_trunc, f32, u64, s, >= -0x1p63f, 0x1p63f, 0x8000000000000000ull, 0x7fffffffffffffffull)
TRUNCATION(i64_trunc, f32, u64, u, > -1.0f, 0x1p64f, 0ull, 0xffffffffffffffffull)
TRUNCATION(i64_trunc, f64, u64, s, >= -0x1p63, 0x1p63, 0x8000000000000000ull, 0x7fffffffffffffffull)
TRUNCATION(i64_trunc, f64, u64, u, > -1.0, 0x1p64, 0ull, 0xffffffffffffffffull)
`;
