/** Reads the head of an HTTP answer as it comes (RFC 9112, section 4): its status and the length of its content. */
export class Head {
  /** `length` when the answer does not say it. */
  static readonly UNKNOWN: u64 = u64.MAX_VALUE;

  status: i32 = 0;
  length: u64 = Head.UNKNOWN;
  isWhole: bool = false;
  isWrong: bool = false;
  private text: string = "";

  /** Takes octets and answers with those that belong to the content; null while there are none. */
  take(data: Uint8Array): Uint8Array | null {
    if (this.isWhole) return data;
    for (let index = 0; index < data.length; index++) {
      if (this.text.length >= LIMIT) {
        this.isWrong = true;
        return null;
      }
      this.text += String.fromCharCode(data[index]);
      if (data[index] != LF || !this.text.endsWith("\r\n\r\n")) continue;
      this.read();
      return data.subarray(index + 1);
    }
    return null;
  }

  private read(): void {
    const lines = this.text.split("\r\n");
    const words = lines[0].split(" ");
    this.isWhole = true;
    this.isWrong = !words[0].startsWith("HTTP/1.") || words.length < 2;
    if (this.isWrong) return;
    this.status = I32.parseInt(words[1]);
    for (let index = 1; index < lines.length; index++) {
      const line = lines[index];
      const colon = line.indexOf(":");
      if (colon < 0 || line.slice(0, colon).toLowerCase() != "content-length") continue;
      this.length = U64.parseInt(line.slice(colon + 1).trim());
    }
  }
}

const LF: u8 = 0x0a;
/** Characters of a head. */
const LIMIT: i32 = 16384;
