const kept = "unipkg card";

/** How long a page that is being left may still hold its address, in milliseconds. */
const handover = 700;

/**
 * The address of this tab's network card: random, and the same after a reload. A duplicate of a tab begins with a copy of what the
 * first had in mind, so that a lock tells whether the address is in use.
 */
export async function cardAddress(): Promise<number> {
  const before = Number(sessionStorage.getItem(kept));
  if (isCard(before) && (await hold(before, handover))) return before;
  for (;;) {
    const address = randomAddress();
    if (!(await hold(address, handover))) continue;
    sessionStorage.setItem(kept, String(address));
    return address;
  }
}

/** Whether a number is an address that this made. */
function isCard(address: number): boolean {
  return Number.isSafeInteger(address) && Math.floor(address / 2 ** 40) === first;
}

/** First octet: locally administered, of one station (IEEE 802, 8.2), and not the host's own (neighbour.ts). */
const first = 0x06;

function randomAddress(): number {
  const octets = crypto.getRandomValues(new Uint8Array(5));
  return octets.reduce((address, octet) => address * 256 + octet, first);
}

/** Takes the address for as long as this page is there. Without Web Locks nobody asks. */
function hold(address: number, wait: number): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forEver = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    const signal = AbortSignal.timeout(wait);
    navigator.locks
      .request(`unipkg card ${address}`, { signal }, forEver)
      .catch(() => resolve(false));
  });
}

export function formatHardware(address: number): string {
  const digits = address.toString(16).padStart(12, "0");
  return digits.replace(/(..)(?=.)/g, "$1:");
}
