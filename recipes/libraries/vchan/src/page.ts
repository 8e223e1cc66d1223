/*
 * The page that both sides share (io/libxenvchan.h, struct vchan_interface). `left` is what the client writes, `right` what the
 * server does; each ring is in this page (order 10 or 11) or in 2^(order - 12) pages of its own, whose references follow.
 *
 *   0         8         16     18     20       21       22         23         24
 *   ├─ left ──┼─ right ─┼─ orders ────┼────────┼────────┼──────────┼──────────┼─ references
 *                       │ left │ right│ client │ server │ client's │ server's │
 *                                     │ lives  │ lives  │ notices  │ notices  │
 */
export const LEFT: usize = 0;
export const RIGHT: usize = 8;
export const LEFT_ORDER: usize = 16;
export const RIGHT_ORDER: usize = 18;
export const CLIENT_LIVES: usize = 20;
export const SERVER_LIVES: usize = 21;
/** What the client is to notify the server of, and the other way round. */
export const CLIENT_NOTIFIES: usize = 22;
export const SERVER_NOTIFIES: usize = 23;
export const REFERENCES: usize = 24;

export const GONE: u8 = 0;
export const CONNECTED: u8 = 1;
/** Of the client alone: it has not come yet. */
export const AWAITED: u8 = 2;

/** VCHAN_NOTIFY_WRITE and VCHAN_NOTIFY_READ: of whatever is done. */
export const NOTIFY_ALWAYS: u8 = 3;
