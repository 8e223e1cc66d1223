// The module `net` of docs/abi.md, which states every contract.
export declare function open(index: i32): i32;
export declare function address(handle: i32): u64;
export declare function mtu(handle: i32): i32;
export declare function send(handle: i32, address: usize, length: i32): i32;
export declare function receive(handle: i32, address: usize, capacity: i32): i32;
