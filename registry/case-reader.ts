import valid from "semver/functions/valid.js";
import { caseFormat, type SolveCase } from "../model/case.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import { caseShape } from "./case-shape.ts";
import { faultOf } from "./shape.ts";

/** Reads what `formatCase` wrote. Never throws, whatever the text: UP314. */
export function parseCase(text: string, file: string): Result<SolveCase> {
  const wrong = (
    fault: string,
    hint = "save the case again with `unipkg solve --save-case FILE`",
  ) => failed({ code: "UP314", message: `${file} is no case of unipkg: ${fault}`, hint });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return wrong("it is not valid JSON");
  }
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : null;
  if (typeof format === "number" && format > caseFormat) {
    return wrong(`it has the format ${format}`, "update unipkg: it was written by a newer one");
  }
  const fault = faultOf(json, caseShape, "the case") ?? meaningFault(json as SolveCase);
  if (fault !== null) return wrong(fault);
  const { request, releases, names } = json as SolveCase;
  return ok({ request, releases, names });
}

/** What the shape alone does not say. */
function meaningFault({ request, releases }: SolveCase): string | null {
  if (request.targets.length === 0) return "it has no target";
  if (request.root.manifest.kind !== "app") return "its root is no app";
  for (const { manifest } of [request.root, ...releases]) {
    const versions = [manifest.version, ...manifest.provides.map((one) => one.version)];
    const bad = versions.find((version) => valid(version) !== version);
    if (bad !== undefined) return `${manifest.name} has the version ${JSON.stringify(bad)}`;
    if ((manifest.kind === "target") !== (manifest.target !== undefined)) {
      return `${manifest.name} is a ${manifest.kind}, and its \`target\` block says otherwise`;
    }
  }
  const ids = releases.map(({ manifest }) => `${manifest.name}@${manifest.version}`);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? null : `${twice} is there twice`;
}
