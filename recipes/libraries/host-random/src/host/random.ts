/** Fills memory with unpredictable bytes, fit for keys. */
export declare function fill(address: usize, length: i32): void;
