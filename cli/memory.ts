/** The most memory that this process had at a time, its threads included, in bytes: a member of a document. */
export function peakMemory(): { readonly peakMemory: number } {
  // Node tells it in KiB, on every system.
  return { peakMemory: process.resourceUsage().maxRSS * 1024 };
}
