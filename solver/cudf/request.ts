import type { Literal } from "../sat.ts";
import { keep } from "./document.ts";
import type { Encoding } from "./encode.ts";
import { every } from "./providers.ts";
import { atomsOf } from "./scope.ts";

/** (3) Keep: what installed packages ask to stay. */
export function encodeKeep(encoding: Encoding): void {
  const { universe } = encoding.document;
  for (const index of encoding.slice) {
    if (universe.installed[index] !== true) continue;
    switch (universe.keep[index]!) {
      case keep.none:
        break;
      case keep.version:
        encoding.add([encoding.literal(index)]);
        break;
      case keep.package:
        encoding.add(encoding.literals(encoding.providers.packagesOf(universe.name[index]!)));
        break;
      case keep.feature: {
        const end = universe.providesEnd[index]!;
        for (let atom = universe.providesStart[index]!; atom < end; atom++) {
          encoding.add(encoding.literals(encoding.providers.candidates(atom)));
        }
        break;
      }
    }
  }
}

/** (4) Request: installed is met, removed is not met, upgraded is met as (5) says. */
export function encodeRequest(encoding: Encoding): void {
  const { request } = encoding.document;
  for (const atom of atomsOf(request?.install)) {
    encoding.add(encoding.literals(encoding.providers.candidates(atom)));
  }
  for (const atom of atomsOf(request?.remove)) {
    for (const literal of encoding.literals(encoding.providers.candidates(atom)))
      encoding.add([-literal]);
  }
  for (const atom of atomsOf(request?.upgrade)) {
    encoding.add(encoding.literals(encoding.providers.candidates(atom)));
    encodeUpgrade(encoding, encoding.document.universe.atoms.name[atom]!);
  }
}

/**
 * (5) Upgrade of a name: the solution has it in exactly one version, which is not lower than any
 * that was installed. What is provided without a version is there in all of them: such a provider
 * cannot stay, and if one was installed no version is high enough.
 */
function encodeUpgrade(encoding: Encoding, name: number): void {
  const { installed } = encoding.document.universe;
  const provisions = encoding.providers.provisionsOf(name);
  let highest = 0;
  for (const { provider, version } of provisions) {
    if (installed[provider] !== true) continue;
    highest = Math.max(highest, version === every ? Number.POSITIVE_INFINITY : version);
  }
  const ofVersion = new Map<number, Literal[]>();
  for (const { provider, version } of provisions) {
    const literal = encoding.literal(provider);
    if (literal === 0) continue;
    if (version === every || version < highest) encoding.add([-literal]);
    else ofVersion.set(version, [...(ofVersion.get(version) ?? []), literal]);
  }
  const present: Literal[] = [];
  for (const literals of ofVersion.values()) {
    const [first, ...rest] = literals;
    if (rest.length === 0) {
      present.push(first!);
      continue;
    }
    const version = encoding.fresh();
    for (const literal of literals) encoding.add([-literal, version]);
    present.push(version);
  }
  encoding.atMostOne(present);
}
