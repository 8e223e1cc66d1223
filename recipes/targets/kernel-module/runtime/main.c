/* The module's life, and the program's in a thread of its own: docs/abi.md, What the image exports. */
#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>

#include "module.h"

/* What the kernel's own functions, interrupts among them, find left of the stack of 16 KiB. */
enum { KERNEL_STACK = 5120 };

u64 stack_limit_to_be __asm__("stack_limit") = 0;
const volatile unsigned long *thread_flags_to_be __asm__("thread_flags") = NULL;

/* Status of a program that was ended from outside, as a shell shows SIGKILL. */
enum { KILLED = 137 };

static unsigned int memory = 0;
module_param(memory, uint, 0444);
MODULE_PARM_DESC(memory, "memory of the program in MiB, had whole while the module is loaded; 0: 16 and its files");

static int status = -1;
module_param(status, int, 0444);
MODULE_PARM_DESC(status, "exit status of the program; -1 while it runs");

static struct task_struct *thread;
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

/* The program holds nothing of the kernel's between host calls, so that it can end anywhere. */
void attend(void) {
  if (signal_pending(current)) event_exit(KILLED);
  cond_resched();
}

static int run(void *unused) {
  allow_signal(SIGKILL);
  thread_flags_to_be = &task_thread_info(current)->flags;
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
  thread = kthread_create(run, NULL, "%s", KBUILD_MODNAME);
  if (IS_ERR(thread)) {
    memory_free();
    return (int)PTR_ERR(thread);
  }
  get_task_struct(thread);
  wake_up_process(thread);
  return 0;
}

static void __exit module_close(void) {
  /* Again and again: a thread that has only begun does not take signals yet. */
  do send_sig(SIGKILL, thread, 1);
  while (wait_for_completion_timeout(&ended, HZ / 10) == 0);
  put_task_struct(thread);
  /* Whoever tells of sockets and frames is through with our functions. */
  synchronize_net();
  memory_free();
}

module_init(module_open);
module_exit(module_close);
