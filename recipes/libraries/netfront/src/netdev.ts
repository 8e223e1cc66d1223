import { Device, Handler } from "./device";

export { Device, Handler } from "./device";

/** Opens device `index`, counted from 0, and tells `handler` of it; null when there is none. */
export function open(index: i32, handler: Handler): Device | null {
  return Device.open(index, handler);
}
