/** Fills `bytes` with unpredictable bytes, fit for keys. */
export declare function fill(bytes: Uint8Array): void;

/** An unpredictable number of 32 bits. */
export declare function next32(): u32;

/** An unpredictable number of 64 bits. */
export declare function next64(): u64;
