import { input } from "./input";

export class File {
  constructor(
    public readonly path: string,
    public readonly address: usize,
    public readonly length: i32,
    public readonly tag: string,
  ) {}
}

export const transferTo: string = "127.0.0.0/8";
export const zonesPath: string = "zones";
export const zones: File[] = read();

function read(): File[] {
  const files: File[] = [];
  let at = input + 4;
  for (let count = load<u32>(input); count > 0; count--) {
    const nameLength = load<u32>(at);
    const length = load<u32>(at, 4);
    const name = String.UTF8.decodeUnsafe(at + 8, nameLength);
    files.push(new File(name, at + 8 + nameLength, length, ""));
    at += 8 + nameLength + length;
  }
  return files;
}
