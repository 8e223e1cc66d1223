import { port } from "config";
import { error, log } from "console";
import { serve } from "http";
import { Site } from "./site";

/** Called once, at the start. What it has set up goes on by events. */
export function main(): void {
  if (serve(port(), new Site())) log(`web: http://localhost:${port()}/`);
  else error(`web: port ${port()} is taken or not allowed`);
}
