/** Writes bytes as they are to stream 1 (output) or 2 (errors). */
export declare function write(stream: i32, address: usize, length: i32): void;
