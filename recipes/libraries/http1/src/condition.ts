import { Request } from "./request";

/** Outcome: the request is to be done. */
export const HOLDS: i32 = 0;

/** Outcome: 304. */
export const NOT_MODIFIED: i32 = 1;

/** Outcome: 412. */
export const FAILED: i32 = 2;

/**
 * Evaluates the conditions of a request for a representation with a strong `tag`, in the order of RFC 9110,
 * 13.2.2. It has no date, so that conditions on dates are ignored (13.1.3, 13.1.4).
 */
export function evaluate(request: Request, tag: string): i32 {
  const match = request.header("if-match");
  if (match !== null && !names(match, tag, false)) return FAILED;
  const noneMatch = request.header("if-none-match");
  if (noneMatch === null || !names(noneMatch, tag, true)) return HOLDS;
  return request.isHead || request.method == "GET" ? NOT_MODIFIED : FAILED;
}

/** RFC 9110, 13.1.5: whether `Range` counts. A date never matches what has none. */
export function allowsRange(request: Request, tag: string): bool {
  const value = request.header("if-range");
  return value === null || value == `"${tag}"`;
}

/** Whether a list of entity tags names `tag`; `*` names every one. Weak tags are equal in weak comparison only (RFC 9110, 8.8.3.2). */
function names(list: string, tag: string, weakly: bool): bool {
  if (list == "*") return true;
  let position = 0;
  while (position < list.length) {
    const unit = list.charCodeAt(position);
    if (unit == 0x2c || unit == 0x20 || unit == 0x09) {
      position++;
      continue;
    }
    const isWeak = list.startsWith("W/", position);
    if (isWeak) position += 2;
    if (list.charCodeAt(position) != 0x22) return false;
    const end = list.indexOf('"', position + 1);
    if (end < 0) return false;
    const isSame = end - position - 1 == tag.length && list.startsWith(tag, position + 1);
    if (isSame && (weakly || !isWeak)) return true;
    position = end + 1;
  }
  return false;
}
