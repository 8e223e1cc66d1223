/** Files and messages of the test: count of files, then of each the lengths of name and text, both as they are. */
export const LIMIT: i32 = 8388608;
export const input: usize = memory.data(8388608);
