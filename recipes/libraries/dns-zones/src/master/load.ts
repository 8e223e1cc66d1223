import { File, zones as files, zonesPath } from "config";
import { nameFromText } from "dns-wire";
import { Tables } from "../tables";
import { Faults } from "./fault";
import { caselessKey } from "./name";
import { Parser } from "./parser";
import { TableMaker } from "./tables";
import { Zone } from "./zone";

/** Reads all zone files. Run at build time: what is wrong ends the build with its place. */
export function loadZones(): Tables {
  for (let index = 0; index < files.length; index++) readFile(files[index]);
  // What a record that was not understood would have changed is not told besides.
  faults.tell();
  const apexes = new Map<string, string>();
  for (let index = 0; index < loaded.length; index++) {
    const zone = loaded[index];
    zone.finish();
    const apex = zone.apex;
    if (apex === null) continue;
    const key = caselessKey(apex.name);
    if (apexes.has(key)) faults.add(zone.file, 1, 1, `the same zone is in ${apexes.get(key)}`, "");
    apexes.set(key, zone.file);
  }
  if (loaded.length == 0)
    faults.add(
      zonesPath,
      1,
      1,
      "the folder has no zone file",
      "put one there: example.org.zone, say",
    );
  faults.tell();
  const tables = new TableMaker(loaded).make();
  loaded = [];
  return tables;
}

/** In variables, not on the stack, so that garbage can be collected on the way. */
let loaded: Zone[] = [];
let parser: Parser | null = null;
const faults: Faults = new Faults();

const ENTRIES_PER_COLLECTION: i32 = 2000;

function readFile(file: File): void {
  const base = file.path.slice(file.path.lastIndexOf("/") + 1);
  if (base.startsWith(".") || base.startsWith("README")) return;
  const place = `${zonesPath}/${file.path}`;
  const origin = nameFromText(withoutEnding(base));
  if (origin === null) {
    faults.add(
      place,
      1,
      1,
      `\`${base}\` is not the name of a zone`,
      "name it as in example.org.zone",
    );
    return;
  }
  const zone = new Zone(place, faults);
  loaded.push(zone);
  parser = new Parser(file.address, file.length, place, origin, zone, faults);
  while (readSome()) __collect();
  parser = null;
}

/** False at the end of the file. No reference is on the stack when it returns. */
function readSome(): bool {
  for (let count = 0; count < ENTRIES_PER_COLLECTION; count++) {
    if (!parser!.step()) return false;
  }
  return true;
}

function withoutEnding(name: string): string {
  if (name.endsWith(".zone")) return name.slice(0, -5);
  return name.endsWith(".db") ? name.slice(0, -3) : name;
}
