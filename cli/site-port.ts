/** Where `unipkg run` serves sites unless told otherwise: an origin that stays has its disks and its service worker still. */
export const usualSitePort = 8086;
