import type { Effect } from "../../../model/effect.ts";
import type { Manifest, Requirement } from "../../../model/manifest.ts";
import type { Found, Shelf } from "./shelf.ts";

/** How a package stands to the others that the visitor may see. */
export interface Relations {
  /** Who requires it: packages, or an interface's users. */
  readonly users: readonly { readonly user: Found; readonly requirement: Requirement }[];
  /** Of an interface: who implements it, at which version of it. */
  readonly providers: readonly Provider[];
  /** What it requires. */
  readonly parts: readonly { readonly name: string; readonly isInterface: boolean }[];
}

export interface Provider {
  readonly provider: Found;
  /** Version of the interface. */
  readonly implemented: string;
  readonly effects: readonly Effect[];
}

export async function relationsOf(of: Manifest, shelf: Shelf): Promise<Relations> {
  const { name } = of;
  const requirement = ({ requires }: Manifest) => requires.find((each) => each.of === name);
  const provision = ({ provides }: Manifest) => provides.find((each) => each.interface === name);
  const near = await shelf.where(
    ({ manifest }) => requirement(manifest) !== undefined || provision(manifest) !== undefined,
  );
  const parts = of.requires.map(async (required) => {
    const manifest = await shelf.find(required.of)?.newest.manifest();
    return { name: required.of, isInterface: manifest?.kind === "interface" };
  });
  const implementers = near.flatMap((provider) => {
    const found = provision(provider.manifest);
    return found === undefined ? [] : [withEffects(provider, found.version)];
  });
  return {
    parts: await Promise.all(parts),
    users: near.flatMap((user) => {
      const found = requirement(user.manifest);
      return found === undefined ? [] : [{ user, requirement: found }];
    }),
    providers: await Promise.all(implementers),
  };
}

async function withEffects(provider: Found, implemented: string): Promise<Provider> {
  const uses = await provider.found.newest.effects();
  return { provider, implemented, effects: uses.map(({ effect }) => effect) };
}
