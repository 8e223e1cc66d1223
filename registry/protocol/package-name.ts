/** `acme` of `@acme/firewall`; null for a name without a scope. */
export function scopeOf(name: string): string | null {
  return /^@([^/]+)\//.exec(name)?.[1] ?? null;
}

/** `firewall` of `@acme/firewall`. */
export function bareName(name: string): string {
  return name.replace(/^@[^/]*\//, "");
}

/** The file that npm calls an archive by: `firewall-1.0.0.tgz`. */
export function archiveFile(name: string, version: string): string {
  return `${bareName(name)}-${version}.tgz`;
}

/** `1.0.0` of `firewall-1.0.0.tgz`; null when it is no archive of the package. */
export function versionOfArchive(name: string, file: string): string | null {
  const begin = `${bareName(name)}-`;
  return file.startsWith(begin) && file.endsWith(".tgz") ? file.slice(begin.length, -4) : null;
}

/** Whether a text is a package name as npm has them: lower case, a scope perhaps, nothing that a path could misread. */
export function isPackageName(name: string): boolean {
  return (
    name.length <= 214 &&
    /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) &&
    !forbidden.has(name)
  );
}

/** Names that npm refuses, or that every JavaScript object has already. */
const forbidden = new Set(["node_modules", "favicon.ico", "constructor"]);

/** Names of one key look alike: crates.io and PyPI take `-`, `_` and `.` for the same, too. */
export function similarityKey(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
