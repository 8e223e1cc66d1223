import { isObject } from "./exchange.ts";

/** Where a document lies about the archive (manifest confusion); null when it does not. */
export function differenceFrom(
  claimed: Readonly<Record<string, unknown>>,
  packageJson: Readonly<Record<string, unknown>>,
  name: string,
  version: string,
): string | null {
  if (packageJson["name"] !== name || packageJson["version"] !== version) {
    return `the package.json in the archive is of ${String(packageJson["name"])}@${String(packageJson["version"])}, not of ${name}@${version}`;
  }
  for (const key of ["name", "version", "unipkg"]) {
    if (canonical(claimed[key]) !== canonical(packageJson[key])) {
      return `\`${key}\` in the document is not the one of the package.json in the archive`;
    }
  }
  return null;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "undefined";
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
