import { failed, ok, type Result } from "../../model/problem.ts";
import { type Advisory, readAdvisories } from "../trust/advisory.ts";
import type { HttpClient } from "./http-client.ts";
import { refusedBy } from "./refusal.ts";

/** Bytes of an answer. */
const mostAdvisories = 16 << 20;

/**
 * Asks a registry what is known to be wrong with versions of packages, by npm's bulk request. Null when the registry
 * has nothing to ask.
 */
export async function fetchAdvisories(
  registry: string,
  versions: Readonly<Record<string, readonly string[]>>,
  http: HttpClient,
): Promise<Result<readonly Advisory[] | null>> {
  const url = `${registry}-/npm/v1/security/advisories/bulk`;
  const answer = await http.request(url, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(versions),
    most: mostAdvisories,
  });
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if (status === 404 || status === 405 || status === 501) return ok(null);
  if (status !== 200) return failed(refusedBy(registry, answer.value, "its advisories"));
  try {
    const advisories = readAdvisories(JSON.parse(body.toString("utf8")));
    // What nobody asked for is nobody's business.
    return ok(advisories.filter(({ name }) => Object.hasOwn(versions, name)));
  } catch (error) {
    return failed({
      code: "UP806",
      message: `the advisories of ${registry} make no sense: ${(error as Error).message}`,
    });
  }
}
