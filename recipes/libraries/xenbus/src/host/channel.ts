/** Has xenstore's ring at the page `address`; its channel. */
export declare function store(address: usize): i32;

/** A channel that `domain` may connect to. */
export declare function listen(domain: i32): i32;

/** A channel to the one that `domain` listens at. */
export declare function connect(domain: i32, port: i32): i32;

/** The number by which the other domain knows the channel. */
export declare function port(handle: i32): i32;

/** Tells the other side that something has happened. */
export declare function notify(handle: i32): void;

/** Sleeps until the other side has told us something, for `time` nanoseconds at most. */
export declare function wait(handle: i32, time: u64): i32;

export declare function close(handle: i32): void;

/** A word of memory that others write, as it is now. What is read next is read afterwards. */
export declare function load(address: usize): u32;

/** Writes a word that others read: all that was written before is seen before, all that is read next is read afterwards. */
export declare function publish(address: usize, value: u32): void;
