import { empty } from "./body";
import { allowsRange, evaluate, FAILED, NOT_MODIFIED } from "./condition";
import { Field, isFieldName } from "./field";
import { Multipart } from "./multipart";
import { Ranges } from "./range";
import { Request } from "./request";
import { Sender } from "./sender";

/** The answer to one request. Status 200 unless set. Only its first end counts, and nothing after it. */
export class Response {
  code: i32 = 200;
  /** The handler's fields, the first of them. */
  fields: Field | null = null;
  /** Strong entity tag; empty without one. */
  tag: string = "";
  isEnded: bool = false;
  /** The body is these bytes, from `start` on, up to `stop`. */
  content: Uint8Array = empty;
  start: i32 = 0;
  stop: i32 = 0;
  /** The body, when it is of several ranges. */
  multipart: Multipart | null = null;
  /** Whether 206 or 416 has to tell of which length the whole is. */
  tellsWhole: bool = false;
  /** The answer behind this one. */
  next: Response | null = null;
  private lastField: Field | null = null;

  /** @param request null for an answer to what could not be read */
  constructor(
    private sender: Sender,
    readonly request: Request | null,
  ) {}

  /** Sets the status code, 200 to 599. */
  status(code: i32): Response {
    assert(code >= 200 && code <= 599, "a status code is 200 to 599");
    if (!this.isEnded) this.code = code;
    return this;
  }

  /** Adds a header field. Length, date and connection fields are the server's own: to add one has no effect. */
  header(name: string, value: string): Response {
    assert(isFieldName(name), "a field's name is made of letters, digits and few other characters");
    const field = new Field(name, value);
    if (field.isOwn || this.isEnded) return this;
    const last = this.lastField;
    if (last === null) this.fields = field;
    else last.next = field;
    this.lastField = field;
    return this;
  }

  /** Ends the answer with these bytes, which must not change afterwards. HEAD sends the fields alone. */
  end(body: Uint8Array): void {
    if (this.isEnded) return;
    this.content = body;
    this.stop = body.length;
    this.finish();
  }

  /** Ends the answer with UTF-8 text, as `text/plain` unless its Content-Type was set. */
  text(body: string): void {
    if (this.mediaType.length == 0) this.header("Content-Type", "text/plain; charset=utf-8");
    this.end(Uint8Array.wrap(String.UTF8.encode(body, false, String.UTF8.ErrorMode.REPLACE)));
  }

  /**
   * Ends the answer with a whole representation, under the conditions and ranges that the request sets
   * (RFC 9110, sections 13 and 14): 200, 206, 304, 412 or 416. `tag` becomes the strong entity tag.
   */
  entity(body: Uint8Array, tag: string): void {
    if (this.isEnded) return;
    this.tag = tag;
    this.content = body;
    this.stop = body.length;
    const request = this.request;
    // RFC 9110, 13.2.1: conditions count only where the answer would be a success.
    if (request !== null && this.code == 200) {
      const outcome = request.hasCondition ? evaluate(request, tag) : 0;
      if (outcome == NOT_MODIFIED) this.withoutBody(304);
      else if (outcome == FAILED) this.withoutBody(412);
      else if (request.hasRange) this.selectRanges(request);
    }
    this.finish();
  }

  /** Whether its code lets it have a body (RFC 9110, 6.4.1). */
  get canHaveBody(): bool {
    return this.code != 204 && this.code != 304;
  }

  /** Length of the body that GET would bring. */
  get length(): i32 {
    const multipart = this.multipart;
    return multipart === null ? this.stop - this.start : multipart.length;
  }

  /** RFC 9110, 14.2: Range is for GET alone. */
  private selectRanges(request: Request): void {
    if (request.method != "GET" || (request.hasCondition && !allowsRange(request, this.tag)))
      return;
    const value = request.header("range");
    if (value === null) return;
    const ranges = Ranges.read(value, this.content.length);
    if (ranges === null) return;
    if (ranges.count > 1) {
      if (!Multipart.canBound(this.tag)) return;
      this.code = 206;
      this.multipart = new Multipart(this.content, ranges, this.tag, this.mediaType);
      return;
    }
    this.tellsWhole = true;
    if (ranges.count == 0) {
      this.withoutBody(416);
    } else {
      this.code = 206;
      this.start = ranges.start(0);
      this.stop = ranges.end(0);
    }
  }

  private withoutBody(code: i32): void {
    this.code = code;
    this.stop = 0;
  }

  private get mediaType(): string {
    let field = this.fields;
    while (field !== null) {
      if (field.is("content-type")) return field.value;
      field = field.next;
    }
    return "";
  }

  private finish(): void {
    this.isEnded = true;
    this.sender.onEnded();
  }
}
