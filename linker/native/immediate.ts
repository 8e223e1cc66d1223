/** What follows an instruction's code. https://webassembly.github.io/spec/core/binary/instructions.html */
import { type ValueType, valueType } from "./module.ts";
import { Malformed, type Reader } from "./reader.ts";

/** Type of what a block leaves on the stack; null for nothing. */
export function readBlockType(reader: Reader): ValueType | null {
  const at = reader.at;
  const code = reader.u8();
  if (code === 0x40) return null;
  if (code < 0x40) throw new Malformed(at, "unsupported: block with parameters or several results");
  return valueType(code, at);
}

/** Reads over what follows `opcode`: in code that cannot be reached. */
export function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode >= 0x02 && opcode <= 0x04) readBlockType(reader);
  else if (opcode === 0x0e) {
    reader.list(() => reader.u32());
    reader.u32();
  } else if (opcode === 0x1c) reader.list(() => reader.u8());
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) reader.u32();
  else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.u32();
    reader.u32();
  } else if (opcode >= 0x20 && opcode <= 0x24) reader.u32();
  else if (opcode === 0x3f || opcode === 0x40) reader.u8();
  else if (opcode === 0x41) reader.signed(32);
  else if (opcode === 0x42) reader.signed(64);
  else if (opcode === 0x43) reader.bits32();
  else if (opcode === 0x44) reader.bits64();
  else if (opcode === 0xfc) {
    const second = reader.u32();
    if (second === 8 || second === 10) reader.u32();
    if (second >= 8) reader.u32();
  }
}
