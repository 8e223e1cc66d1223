export const connections: i32 = 4;
export const idleTimeout: u32 = 10000;
export const payload: u16 = 1232;
export const pipelined: i32 = 64;
