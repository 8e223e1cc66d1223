import validRange from "semver/ranges/valid.js";

/** Nobody writes more; semver's time grows with both, and with their product in some of its functions. */
const mostCharacters = 512;
const mostAlternatives = 32;

/** What is wrong with a text that should be a range of versions in npm's notation; null when nothing is. */
export function faultOfRange(text: string): string | null {
  if (text.length > mostCharacters || text.split("||").length > mostAlternatives) {
    return `must be a range of versions of at most ${mostCharacters} characters and ${mostAlternatives} alternatives`;
  }
  return text.trim() === "" || validRange(text) === null
    ? 'must be a range of versions, such as "^1.0.0" or "*"'
    : null;
}
