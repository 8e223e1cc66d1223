/**
 * Text of a stranger without what moves a terminal's cursor, changes its colours or turns its writing round: control
 * characters but for line ends, and those that steer Unicode's bidirectional algorithm (UAX #9, 2).
 */
export function plainText(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, "");
}
