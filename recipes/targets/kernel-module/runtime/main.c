/* The module's life, and the program's in a thread of its own: docs/abi.md, What the image exports. */
#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/sched/task_stack.h>

#include "module.h"

/* What the kernel's own functions, interrupts among them, find left of the stack of 16 KiB. */
enum { KERNEL_STACK = 5120 };

u64 stack_limit_to_be __asm__("stack_limit") = 0;

bool stopping = false;

static unsigned int memory = 0;
module_param(memory, uint, 0444);
MODULE_PARM_DESC(memory, "memory of the program in MiB, had whole while the module is loaded; 0: 16 and its files");

static int status = -1;
module_param(status, int, 0444);
MODULE_PARM_DESC(status, "exit status of the program; -1 while it runs");

static DECLARE_COMPLETION(ended);

/* Ends the program's thread; its memory stays until the module is removed. */
void event_exit(u32 exit_status) {
  console_flush();
  socket_close_all();
  net_close_all();
  WRITE_ONCE(status, (int)exit_status);
  kthread_complete_and_exit(&ended, 0);
  unreachable();
}

static int run(void *unused) {
  stack_limit_to_be = (u64)task_stack_page(current) + KERNEL_STACK;
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

static int __init module_open(void) {
  if (!memory_allocate(memory)) return -ENOMEM;
  struct task_struct *thread = kthread_run(run, NULL, "%s", KBUILD_MODNAME);
  if (!IS_ERR(thread)) return 0;
  memory_free();
  return (int)PTR_ERR(thread);
}

static void __exit module_close(void) {
  WRITE_ONCE(stopping, true);
  event_wake();
  wait_for_completion(&ended);
  /* Whoever tells of sockets and frames is through with our functions. */
  synchronize_net();
  memory_free();
}

module_init(module_open);
module_exit(module_close);
