/** Path of the registry's root, with a slash at its end: another one than `/` behind some proxies. */
export type Address = string;

export function rootOf(base: string): Address {
  return new URL(base).pathname.replace(/\/?$/, "/");
}

export function packageAddress(root: Address, name: string, version?: string): string {
  return `${root}-/web/package/${name}${version === undefined ? "" : `/${encodeURIComponent(version)}`}`;
}

export function organisationAddress(root: Address, name: string): string {
  return `${root}-/web/organisation/${name}`;
}

export function comparisonAddress(
  root: Address,
  name: string,
  before: string,
  after: string,
): string {
  const versions = [before, after].map(encodeURIComponent).join("/");
  return `${root}-/web/compare/${name}/${versions}`;
}

export function searchAddress(root: Address, words: string): string {
  return `${root}-/web/search?${new URLSearchParams({ q: words })}`;
}

/** Where one comes back to after a log-in: only pages of ours, so that no link leads through us to a stranger's. */
export function returnAddress(root: Address, wanted: string | null): string {
  if (wanted === null || !wanted.startsWith(`${root}-/web/`)) return root;
  return /^[\x21-\x7e]+$/.test(wanted) && !wanted.includes("\\") ? wanted : root;
}
