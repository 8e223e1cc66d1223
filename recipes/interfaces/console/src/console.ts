/** Writes `text` and a line end to the output. */
export declare function log(text: string): void;

/** Writes `text` and a line end to the error output, where the target has one. */
export declare function error(text: string): void;

/** Writes `text` as it is, without a line end. */
export declare function write(text: string): void;
