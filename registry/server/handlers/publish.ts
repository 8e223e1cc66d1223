import { createHash } from "node:crypto";
import valid from "semver/functions/valid.js";
import validRange from "semver/ranges/valid.js";
import { formatPlace } from "../../../model/place.ts";
import type { Problem } from "../../../model/problem.ts";
import { sriOf } from "../../protocol/digest.ts";
import { scopeOf, similarityKey } from "../../protocol/package-name.ts";
import { mismatchOf, mostProvenance, readProvenance } from "../../trust/provenance.ts";
import { bumpProblem, predecessor } from "../../version-bump.ts";
import { mayOn } from "../access.ts";
import { differenceFrom } from "../claim.ts";
import type { Access, PackageEvent, PublishedVersion } from "../event.ts";
import {
  type ApiRequest,
  type ApiResponse,
  hidden,
  isAnswer,
  isObject,
  json,
  refuse,
} from "../exchange.ts";
import { inspect } from "../inspect.ts";
import { knownTo, storedRelease } from "../known-packages.ts";
import { violationsOf } from "../policy-check.ts";
import type { Registry } from "../registry.ts";
import { policyOf, teamsIn } from "../scope-policy.ts";
import type { VersionDocument } from "../version-document.ts";
import { refuseOutdatedKeys } from "./trust.ts";

/**
 * `PUT /NAME` with an attachment: one new version. What the document says of the package only has to agree with the
 * archive; what is stored comes from the archive.
 */
export async function publish(
  name: string,
  document: Readonly<Record<string, unknown>>,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const { visitor } = request;
  const { storage } = registry;
  const refused = mayPublish(name, request, registry);
  if (refused !== null) return refused;
  const read = readDocument(name, document);
  if (isAnswer(read)) return read;
  const { version, claimed, archive, tag, access, provenance } = read;
  const state = storage.state.packages.get(name);
  const after = state?.last ?? 0;
  if (state?.proxied != null) return refuse(409, comesFrom(name, state.proxied.upstream));
  const before = state?.versions.get(version);
  if (before !== undefined) {
    return refuse(
      409,
      before.unpublished
        ? `${name}@${version} was published once and taken back; a version never comes back with other content, take the next number`
        : `${name}@${version} is published already; take the next number`,
    );
  }
  if (state?.staged.has(version) === true) {
    return refuse(409, `${name}@${version} waits for approval already`);
  }
  const inspected = await inspect(
    archive,
    `${name}@${version}`,
    knownTo(visitor, registry),
    registry.extractor,
  );
  if (!inspected.ok)
    return json(400, { error: told(inspected.problems), problems: inspected.problems });
  const { release, document: made, types, manifestText } = inspected.value;
  const lie = differenceFrom(claimed, made.packageJson, name, version);
  if (lie !== null) return refuse(400, lie);
  const last = predecessor(
    [...(state?.versions.values() ?? [])].filter((each) => !each.unpublished),
    version,
  );
  const bump =
    last === undefined ? null : bumpProblem(await storedRelease(last, registry), release);
  if (bump !== null) return json(400, { error: told([bump]), problems: [bump] });
  const liesAbout = provenance === null ? null : faultOfProvenance(provenance, made, name, version);
  if (liesAbout !== null) return refuse(400, liesAbout);
  const violations = violationsOf(policyOf(storage.state, name), {
    ...{ release, manifestText, publisher: visitor.account!, hasProvenance: provenance !== null },
    teams: teamsIn(storage.state, name, visitor.account!),
  });
  if (violations.length > 0) return json(400, { error: told(violations), problems: violations });
  const documentBytes = Buffer.from(JSON.stringify(made));
  const [documentDigest, provenanceDigest] = await Promise.all([
    storage.putBlob(documentBytes),
    provenance === null ? null : storage.putBlob(Buffer.from(provenance)),
    storage.putBlob(archive),
    types === null ? null : storage.putBlob(Buffer.from(types)),
  ]);
  const outdated = refuseOutdatedKeys(registry);
  if (outdated !== null) return outdated;
  const sent: PublishedVersion = {
    ...{ version, tag, archive: made.line.archive, document: documentDigest },
    types: made.line.types,
    access: access ?? (scopeOf(name) === null ? "public" : "restricted"),
    provides: release.manifest.provides.map((each) => each.interface),
    kind: release.manifest.kind,
    ...(provenanceDigest === null ? {} : { provenance: provenanceDigest }),
  };
  const waits = storage.state.organisations.get(scopeOf(name) ?? "")?.approval === true;
  const signature = registry.keys.signVersion(name, version, made.line.archive);
  const event: PackageEvent = waits
    ? { type: "staged", ...sent }
    : { type: "published", ...sent, signature };
  const draft = { actor: visitor.account!, subject: `package:${name}`, event };
  const entries = await storage.append([draft], after);
  if (entries === null)
    return refuse(409, `${name} was changed by somebody else meanwhile; try again`);
  registry.views.remember(documentDigest, made, documentBytes.length);
  return json(201, { ok: true, id: name, rev: `${entries[0]!.seq}-0`, staged: waits });
}

/** Null when the visitor may publish under this name. */
function mayPublish(name: string, { visitor }: ApiRequest, registry: Registry): ApiResponse | null {
  const { state } = registry.storage;
  if (visitor.account === null) return hidden(visitor);
  if (!mayOn(state, visitor, name, "publish")) {
    return refuse(
      403,
      `you may not publish ${name}: its scope is not yours, or your token cannot publish`,
    );
  }
  if (state.packages.has(name)) return null;
  const key = similarityKey(name);
  const shipped = registry.bundled.names().find((each) => similarityKey(each) === key);
  if (shipped !== undefined) {
    const how = shipped === name ? "is a package that" : `is too near to ${shipped}, which`;
    return refuse(409, `${name} ${how} ships with unipkg: take another name`);
  }
  const near = state.similar.get(key);
  // A name that the visitor may not know of is not told.
  if (near !== undefined) {
    const isKnown = mayOn(state, visitor, near, "read");
    return refuse(
      409,
      `${name} is too near to ${isKnown ? near : "another package"}: take another name`,
    );
  }
  return null;
}

interface PublishDocument {
  readonly version: string;
  readonly claimed: Readonly<Record<string, unknown>>;
  readonly archive: Buffer;
  readonly tag: string;
  readonly access: Access | null;
  /** A bundle of sigstore, as text. */
  readonly provenance: string | null;
}

function readDocument(
  name: string,
  document: Readonly<Record<string, unknown>>,
): PublishDocument | ApiResponse {
  const { versions, _attachments: attachments, "dist-tags": tags } = document;
  if (document["name"] !== name || document["_id"] !== name) {
    return refuse(400, `the document is about ${String(document["name"])}, not ${name}`);
  }
  if (!isObject(versions) || !isObject(attachments)) {
    return refuse(400, "the document has no versions or no attachments");
  }
  const [version, another] = Object.keys(versions);
  if (version === undefined || another !== undefined)
    return refuse(400, "publish one version at a time");
  if (valid(version) !== version || version.length > 64) {
    return refuse(400, `"${version.slice(0, 80)}" is not a version such as 1.0.0`);
  }
  const claimed = versions[version];
  if (!isObject(claimed)) return refuse(400, "the version is no object");
  // As npm sends it: the text itself, not in Base64.
  const bundle = attachments[`${name}-${version}.sigstore`];
  const provenance = isObject(bundle) && typeof bundle["data"] === "string" ? bundle["data"] : null;
  if (provenance !== null && provenance.length > mostProvenance) {
    return refuse(400, "the provenance is too long");
  }
  const archives = Object.entries(attachments).filter(([file]) => file.endsWith(".tgz"));
  const [attachment] = archives;
  if (attachment === undefined || archives.length > 1 || !isObject(attachment[1])) {
    return refuse(400, "there must be one archive");
  }
  if (attachment[0] !== `${name}-${version}.tgz`) {
    return refuse(400, `the archive must be called ${name}-${version}.tgz`);
  }
  const { data } = attachment[1];
  if (typeof data !== "string") return refuse(400, "the archive has no data");
  const archive = Buffer.from(data, "base64");
  const wrongDigest = checkDigests(claimed, archive);
  if (wrongDigest !== null) return refuse(400, wrongDigest);
  const tag = isObject(tags) ? (Object.keys(tags)[0] ?? "latest") : "latest";
  const tagFault = faultOfTag(tag);
  if (tagFault !== null) return refuse(400, tagFault);
  const access =
    document["access"] === "public" || document["access"] === "restricted"
      ? document["access"]
      : null;
  return { version, claimed, archive, tag, access, provenance };
}

/** Why provenance cannot be kept; who signed it is for those who install it to judge. */
function faultOfProvenance(
  bundle: string,
  { line }: VersionDocument,
  name: string,
  version: string,
): string | null {
  try {
    const mismatch = mismatchOf(readProvenance(bundle), name, version, line.archive);
    return mismatch === null ? null : `UP827: the provenance ${mismatch}`;
  } catch (error) {
    return `UP827: the provenance cannot be read: ${(error as Error).message}`;
  }
}

/** Why a text cannot be a dist-tag; null when it can. */
export function faultOfTag(tag: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(tag) || tag in {} || validRange(tag) !== null) {
    return `"${tag.slice(0, 80)}" cannot be a tag: it must be a word that is no range of versions`;
  }
  return null;
}

/** The digests that a client sends are those of the bytes that it sends, or the transfer went wrong. */
function checkDigests(claimed: Readonly<Record<string, unknown>>, archive: Buffer): string | null {
  const { dist } = claimed;
  if (!isObject(dist)) return null;
  const { integrity, shasum } = dist;
  if (typeof integrity === "string" && integrity.includes("sha512-")) {
    if (!integrity.split(/\s+/).includes(sriOf(archive))) {
      return "the archive's integrity is not the one that the document has";
    }
  }
  if (
    typeof shasum === "string" &&
    shasum.toLowerCase() !== createHash("sha1").update(archive).digest("hex")
  ) {
    return "the archive's shasum is not the one that the document has";
  }
  return null;
}

/** Why a package of an upstream cannot be changed here. */
export function comesFrom(name: string, upstream: string): string {
  return `${name} comes from the upstream ${upstream}: change it there, or let an administrator \`unipkg registry upstream drop ${name}\` and publish one of your own`;
}

/** Problems as a text: what npm shows of an answer. */
export function told(problems: readonly Problem[]): string {
  const lines = problems
    .slice(0, 5)
    .flatMap(({ code, message, place, details = [], hint }) => [
      `${code}: ${message}${place === undefined ? "" : ` (${formatPlace(place)})`}`,
      ...details.slice(0, 8).map((line) => `  ${line}`),
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ]);
  return lines.join("\n");
}
