// @ts-ignore: decorator
@external("host", "log")
declare function write(at: usize, length: i32): void;

export function log(text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  write(bytes.dataStart, bytes.length);
}

export function error(text: string): void {
  log(text);
}
