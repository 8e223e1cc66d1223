/** What npm's installer needs (registry/docs/responses/package-metadata.md, "Abbreviated version object"). */
export function abbreviated(
  packageJson: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const keys = (
    "dependencies optionalDependencies devDependencies bundleDependencies peerDependencies " +
    "peerDependenciesMeta bin directories engines os cpu hasInstallScript"
  ).split(" ");
  return Object.fromEntries(
    keys.filter((key) => packageJson[key] !== undefined).map((key) => [key, packageJson[key]]),
  );
}
