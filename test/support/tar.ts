import { gzipSync } from "node:zlib";

/** An entry of an archive that a test makes by hand, as wrong as it likes. */
export interface HandmadeEntry {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly mode?: string;
  readonly link?: string;
  readonly content?: string | Buffer;
  /** What the header says; the content's own length when absent. */
  readonly size?: number;
}

/** A tar stream with valid checksums and otherwise whatever is asked for. */
export function handmadeTar(entries: readonly HandmadeEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = "0", mode = "0000644", link = "", ...rest }) => {
    const content = Buffer.from(rest.content ?? "");
    const header = Buffer.alloc(512);
    Buffer.from(name).copy(header, 0, 0, 100);
    header.write(`${mode}\0`, 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${(rest.size ?? content.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function handmadeArchive(entries: readonly HandmadeEntry[]): Buffer {
  return gzipSync(handmadeTar(entries));
}

/** The smallest thing that is a package. */
export const plainEntry: HandmadeEntry = { name: "package/package.json", content: "{}" };
