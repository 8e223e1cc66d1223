/** Lets `domain` use the page `address`; the reference by which it does. */
export declare function give(domain: i32, address: usize, readOnly: i32): i32;

/** Ends that, unless the page is in use at the moment. */
export declare function revoke(reference: i32): i32;

/** Has a page that `domain` gave at the page `address`. */
export declare function map(domain: i32, reference: i32, address: usize): i32;

/** The page `address` is our own again. */
export declare function unmap(address: usize): i32;
