/*
 * From the PVH entry to C: 32-bit protected mode without paging, EBX = address of hvm_start_info
 * (https://xenbits.xen.org/docs/unstable/misc/pvh.html), to 64-bit mode at the kernel's own addresses.
 *
 * The page tables here only carry over: the first GiB at 0 and at BASE, all of it writable and
 * executable. memory.c makes the real ones before anything of the program runs.
 */
#define BASE 0xffffffff80000000

/* XEN_ELFNOTE_PHYS32_ENTRY */
.section .note.pvh, "a", @note
.align 4
.long 4, 4, 18
.asciz "Xen"
.long entry32 - BASE

.section .text.boot, "ax"
.code32
.globl entry32
entry32:
  cld
  cli
  movl $(stack_top - BASE), %esp
  /* The tables: 512 pages of 2 MiB, seen twice. */
  movl $(boot_gigabyte - BASE), %edi
  movl $0x83, %eax
1:
  movl %eax, (%edi)
  addl $0x200000, %eax
  addl $8, %edi
  cmpl $(boot_gigabyte - BASE + 4096), %edi
  jne 1b
  movl $(boot_gigabyte - BASE + 3), boot_upper - BASE
  movl $(boot_gigabyte - BASE + 3), boot_upper - BASE + 510 * 8
  movl $(boot_upper - BASE + 3), boot_root - BASE
  movl $(boot_upper - BASE + 3), boot_root - BASE + 511 * 8
  movl $0x620, %eax                /* CR4: PAE, OSFXSR, OSXMMEXCPT */
  movl %eax, %cr4
  movl $(boot_root - BASE), %eax
  movl %eax, %cr3
  movl $0xc0000080, %ecx           /* EFER: long mode, no-execute */
  rdmsr
  orl $0x900, %eax
  wrmsr
  movl $0x80010033, %eax           /* CR0: PG, WP, NE, ET, MP, PE */
  movl %eax, %cr0
  lgdt boot_gdt_pointer - BASE
  ljmp $8, $(entry64_low - BASE)

.code64
entry64_low:
  movabsq $entry64, %rax
  jmp *%rax
entry64:
  movl $16, %eax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  xorl %eax, %eax
  movw %ax, %fs
  movw %ax, %gs
  movq $stack_top, %rsp
  movl %ebx, %edi
  xorl %ebp, %ebp
  call kernel_main
1: hlt
  jmp 1b

.section .data.boot, "aw"
.align 8
boot_gdt:
  .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
  .word boot_gdt_pointer - boot_gdt - 1
  .long boot_gdt - BASE

.section .bss.boot, "aw", @nobits
.align 4096
boot_root:
  .skip 4096
/* Entry 0 for the addresses from 0 on, entry 510 for those from BASE on. */
boot_upper:
  .skip 4096
boot_gigabyte:
  .skip 4096

.section .bss.stack, "aw", @nobits
.align 4096
.globl stack_guard
stack_guard:
  .skip 4096
  .skip 1048576
.globl stack_top
stack_top:
.section .note.GNU-stack, "", @progbits
