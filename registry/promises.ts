import { accepts } from "../model/accepts.ts";
import type { Problem } from "../model/problem.ts";
import type { Release } from "../model/release.ts";

/**
 * Where a library does not do what the interfaces that it says it provides promise (UP403), or where such an
 * interface is not there (UP202).
 */
export function brokenPromises(
  release: Release,
  find: (name: string, version: string) => Release | null | undefined,
): readonly Problem[] {
  const { name, version, provides } = release.manifest;
  return provides.flatMap((provision): readonly Problem[] => {
    const promised = find(provision.interface, provision.version)?.signature;
    if (promised == null) {
      return [
        {
          code: "UP202",
          message: `${name}@${version} provides ${provision.interface}@${provision.version}, which is not there`,
        },
      ];
    }
    const provided = release.provided[provision.interface] ?? { exports: {} };
    return accepts(promised, provided).map(
      (difference): Problem => ({
        code: "UP403",
        message: `${name}@${version} does not match ${provision.interface}@${provision.version}: ${difference.item}: ${difference.message}`,
        place: {
          ...(difference.provided?.place ?? { file: provision.module, line: 1, column: 1 }),
          package: name,
          version,
        },
        details: [
          `interface: ${difference.required?.text ?? "nothing"}`,
          `provider:  ${difference.provided?.text ?? "nothing"}`,
        ],
      }),
    );
  });
}
