/** Ends the image at once. Does not return. */
export declare function exit(status: i32): void;
