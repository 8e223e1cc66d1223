export interface Task {
  run(): void;
}

let time: u64 = 0;
const tasks: Task[] = [];

export function now(): u64 {
  return time;
}

export function setNow(value: u64): void {
  assert(value >= time, "time went back");
  time = value;
}

export function defer(task: Task): void {
  tasks.push(task);
}

export function runTasks(): void {
  while (tasks.length > 0) tasks.shift().run();
}
