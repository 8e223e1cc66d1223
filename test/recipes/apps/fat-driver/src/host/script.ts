// What the test offers (test/storage/support/machine.ts): the next command, and a place for answers.
export declare function next(address: usize, capacity: i32): i32;
export declare function tell(kind: i32, id: i32, result: i32, address: usize, length: i32): void;
