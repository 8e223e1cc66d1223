import { port } from "config";
import { error, log } from "console";
import { serve } from "dns";
import { Zones } from "dns-zones";

/** Called once, at the start. What it has set up goes on by events. */
export function main(): void {
  if (serve(port(), new Zones())) log(`dns: port ${port()}`);
  else error(`dns: port ${port()} is taken or not allowed`);
}
