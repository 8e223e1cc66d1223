/** The states of a connection (RFC 9293, section 3.3.2). LISTEN has no block: listeners are kept by port. */
export const CLOSED: u8 = 0;
export const SYN_SENT: u8 = 1;
export const SYN_RECEIVED: u8 = 2;
export const ESTABLISHED: u8 = 3;
export const FIN_WAIT_1: u8 = 4;
export const FIN_WAIT_2: u8 = 5;
export const CLOSE_WAIT: u8 = 6;
export const CLOSING: u8 = 7;
export const LAST_ACK: u8 = 8;
export const TIME_WAIT: u8 = 9;

/** Whether the peer may still send data that we have not seen the end of. */
export function receives(state: u8): bool {
  return state == ESTABLISHED || state == FIN_WAIT_1 || state == FIN_WAIT_2;
}

/** Whether our side may still have data or its FIN to send, or unacknowledged. */
export function sends(state: u8): bool {
  return (
    state == ESTABLISHED ||
    state == CLOSE_WAIT ||
    state == FIN_WAIT_1 ||
    state == CLOSING ||
    state == LAST_ACK
  );
}
