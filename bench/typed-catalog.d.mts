import type { Release, Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";

/** @param app "plain": one that requires a dozen interfaces; "whole": one that reaches all */
export function makeCatalog(
  size: number,
  app: "plain" | "whole",
  seed?: number,
): { readonly releases: readonly Release[]; readonly request: SolveRequest };

export function universeOf(releases: readonly Release[]): Universe;
