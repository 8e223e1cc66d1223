// @seldom
/** What an ICMP error means to who sent the packet, whatever its family. */

/** There is no way there, which may pass. */
export const UNREACHABLE: i32 = 0;
/** Nobody takes it there: no such port or protocol. */
export const REFUSED: i32 = 1;
/** A filter on the way does not let it pass. */
export const PROHIBITED: i32 = 2;
/** It went through as many routers as it may. */
export const EXPIRED: i32 = 3;
/** It is larger than the path takes. */
export const TOO_BIG: i32 = 4;
