/** Files and messages of the test: count of files, then of each the lengths of name and text, both as they are. */
export const LIMIT: i32 = 1048576;
export const input: usize = memory.data(1048576);
