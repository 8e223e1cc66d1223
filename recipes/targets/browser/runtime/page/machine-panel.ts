import type { Traffic } from "../message.ts";

type Row = "site" | "address" | "card" | "segment" | "sent" | "received" | "requests" | "disk";

/** What the page tells of the machine beside its console. A row is there once there is something to tell. */
export class MachinePanel {
  show(row: Row): void {
    element(`${row}-row`).hidden = false;
  }

  set(row: Exclude<Row, "site">, text: string, isProblem = false): void {
    const value = element(row);
    if (value.textContent !== text) value.textContent = text;
    value.classList.toggle("problem", isProblem);
    this.show(row);
  }

  traffic(traffic: Traffic): void {
    const { sentFrames, sentBytes, receivedFrames, receivedBytes, lostFrames, requests } = traffic;
    this.set("sent", amount(sentFrames, sentBytes));
    const lost = lostFrames > 0 ? `, ${lostFrames} lost` : "";
    this.set("received", amount(receivedFrames, receivedBytes) + lost);
    if (requests > 0) this.set("requests", String(requests));
  }
}

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

function amount(frames: number, bytes: number): string {
  if (frames === 0) return "nothing";
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return `${frames} ${frames === 1 ? "frame" : "frames"}, ${size}`;
}
