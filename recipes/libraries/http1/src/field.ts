import { isOf, lowerCase, TOKEN } from "./ascii";

/** A header field of an answer, and those behind it. */
export class Field {
  next: Field | null = null;

  constructor(
    readonly name: string,
    readonly value: string,
  ) {}

  /** Whether its name is `name`, which is in lower case. */
  is(name: string): bool {
    return this.name.length == name.length && this.beginsWith(name);
  }

  /** Fields that the server sets: length, date and connection are its own. */
  get isOwn(): bool {
    switch (this.name.length) {
      case 4:
        return this.is("date");
      case 10:
        return this.is("connection") || this.is("keep-alive");
      case 14:
        return this.is("content-length");
      case 17:
        return this.is("transfer-encoding");
      default:
        return false;
    }
  }

  /** Fields that tell of a body, which 304 has none of (RFC 9110, 15.4.5). */
  get tellsOfBody(): bool {
    return this.beginsWith("content-") && !this.is("content-location");
  }

  private beginsWith(prefix: string): bool {
    if (this.name.length < prefix.length) return false;
    for (let index = 0; index < prefix.length; index++) {
      const octet = <u8>this.name.charCodeAt(index);
      if (lowerCase(octet) != <u8>prefix.charCodeAt(index)) return false;
    }
    return true;
  }
}

/** Whether `name` can be a field's name (RFC 9110, 5.1). */
export function isFieldName(name: string): bool {
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    if (unit > 0x7f || !isOf(<u8>unit, TOKEN)) return false;
  }
  return name.length > 0;
}
