// @seldom
import { Ranges } from "./range";

/** Several ranges of a representation as one body (RFC 9110, 14.6), whose bytes are shared with it. */
export class Multipart {
  /** What is sent, one after another. */
  readonly parts: Uint8Array[] = [];
  length: i32 = 0;
  private boundary: string;

  /**
   * @param tag strong entity tag of `content`. As the boundary it cannot be in it, if it is made of its digest.
   * @param type media type of `content`, empty when it is not known
   */
  constructor(content: Uint8Array, ranges: Ranges, tag: string, type: string) {
    this.boundary = `unipkg-${tag}`;
    const typeField = type.length == 0 ? "" : `Content-Type: ${type}\r\n`;
    for (let index = 0; index < ranges.count; index++) {
      const start = ranges.start(index);
      const end = ranges.end(index);
      const range = `bytes ${start}-${end - 1}/${content.length}`;
      const lineEnd = index == 0 ? "" : "\r\n";
      this.text(`${lineEnd}--${this.boundary}\r\n${typeField}Content-Range: ${range}\r\n\r\n`);
      this.part(content.subarray(start, end));
    }
    this.text(`\r\n--${this.boundary}--\r\n`);
  }

  get contentType(): string {
    return `multipart/byteranges; boundary=${this.boundary}`;
  }

  /** Whether a tag can be a boundary (RFC 2046, 5.1.1) without quotes. */
  static canBound(tag: string): bool {
    if (tag.length == 0 || tag.length > 60) return false;
    for (let index = 0; index < tag.length; index++) {
      const unit = tag.charCodeAt(index);
      const isLetter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
      const isDigit = unit >= 0x30 && unit <= 0x39;
      if (!isLetter && !isDigit && unit != 0x2d && unit != 0x5f) return false;
    }
    return true;
  }

  private text(text: string): void {
    this.part(Uint8Array.wrap(String.UTF8.encode(text)));
  }

  private part(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }
}
