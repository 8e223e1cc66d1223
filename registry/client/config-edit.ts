import { hostKey } from "./config.ts";

/** The text of a user's settings with a line set, at its place when it was there; all other lines stay as they are. */
export function withSetting(text: string, key: string, value: string): string {
  const line = `${key}=${value}`;
  const lines = text.split("\n");
  const at = lines.findIndex((each) => keyOf(each) === key);
  if (at !== -1) return lines.with(at, line).join("\n");
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${before}${line}\n`;
}

/** The text without a setting. */
export function withoutSetting(text: string, key: string): string {
  return text
    .split("\n")
    .filter((line) => keyOf(line) !== key)
    .join("\n");
}

/** The key that a registry's token is under. */
export function tokenKey(url: string): string {
  return `${hostKey(url)}:_authToken`;
}

function keyOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf("="))).trim();
}
