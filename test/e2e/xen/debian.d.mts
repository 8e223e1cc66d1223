/** Why packages cannot be had here; null when they can. */
export function whyNoDebian(): string | null;
