// The module `block` of docs/abi.md, which states every contract.
export declare function open(index: i32): i32;
export declare function sectorSize(handle: i32): i32;
export declare function sectors(handle: i32): i64;
export declare function limit(handle: i32): i32;
export declare function readOnly(handle: i32): i32;
export declare function read(handle: i32, tag: i32, sector: i64, address: usize, length: i32): i32;
export declare function write(handle: i32, tag: i32, sector: i64, address: usize, length: i32): i32;
export declare function flush(handle: i32, tag: i32): i32;
export declare function completed(handle: i32, address: usize, capacity: i32): i32;
