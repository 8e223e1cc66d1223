/** Something that is due at a time. By itself it only wakes the program. */
export class Appointment {
  /** Where it is in the heap; -1 when it is not. */
  place: i32 = -1;
  /** Order of making, which rules between equal times. */
  serial: u64 = 0;

  constructor(public time: u64) {}

  /** Called once, when the time is there. */
  keep(): void {}

  get scheduled(): bool {
    return this.place >= 0;
  }
}

/** The time of the present round. */
export function now(): u64 {
  return current;
}

/** Time does not go back, whatever the host says. */
export function setNow(time: u64): void {
  current = max<u64>(current, time);
}

export function add(appointment: Appointment): void {
  appointment.serial = serial++;
  heap.push(appointment);
  rise(appointment, heap.length - 1);
}

/** Takes it out, so that cancelled appointments do not pile up. */
export function remove(appointment: Appointment): void {
  const place = appointment.place;
  if (place < 0) return;
  appointment.place = -1;
  const last = heap.pop();
  if (last === appointment) return;
  if (place > 0 && isBefore(last, heap[(place - 1) >> 1])) rise(last, place);
  else sink(last, place);
}

/** Keeps all that is due. What is added meanwhile waits for the next round, even when it is due at once. */
export function keepDue(): void {
  const end = serial;
  while (heap.length > 0) {
    const first = heap[0];
    if (first.time > current || first.serial >= end) return;
    remove(first);
    first.keep();
  }
}

/** The time of the next one; the greatest u64 when there is none. */
export function next(): u64 {
  return heap.length > 0 ? heap[0].time : u64.MAX_VALUE;
}

let current: u64 = 0;
let serial: u64 = 0;

/** A binary heap: none is before its parent, at (place - 1) / 2. */
const heap: Appointment[] = [];

function isBefore(a: Appointment, b: Appointment): bool {
  return a.time < b.time || (a.time == b.time && a.serial < b.serial);
}

function rise(appointment: Appointment, start: i32): void {
  let place = start;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (!isBefore(appointment, parent)) break;
    put(parent, place);
    place = above;
  }
  put(appointment, place);
}

function sink(appointment: Appointment, start: i32): void {
  let place = start;
  while (true) {
    let below = 2 * place + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below++;
    const child = heap[below];
    if (!isBefore(child, appointment)) break;
    put(child, place);
    place = below;
  }
  put(appointment, place);
}

function put(appointment: Appointment, place: i32): void {
  heap[place] = appointment;
  appointment.place = place;
}
