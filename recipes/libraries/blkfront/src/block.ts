import { Device, Handler } from "./device";

export { Device, Handler, Waiter } from "./device";
export { DONE, FAILED, GONE, INVALID, READ_ONLY } from "./result";

/** Opens disk `index`, counted from 0, and tells `handler` of it; null when there is none, or it is open already. */
export function open(index: i32, handler: Handler): Device | null {
  return Device.open(index, handler);
}
