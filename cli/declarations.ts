import {
  type ExportedItem,
  formatShape,
  formatType,
  type Member,
  type Signature,
} from "../model/signature.ts";

/** A signature as an author would declare it, one line an export or member, in the order of the source. */
export function declarations(signature: Signature): string[] {
  return Object.entries(signature.exports)
    .sort(([, a], [, b]) => a.place.line - b.place.line)
    .flatMap(([name, item]) => declaration(name, item));
}

function declaration(name: string, item: ExportedItem): string[] {
  switch (item.kind) {
    case "function":
      return [`function ${name}${formatShape(item)}`];
    case "constant":
      return [`const ${name}: ${formatType(item.type)}`];
    case "interface":
      return [`interface ${name} {`, ...members(item.members), "}"];
    case "class": {
      const construct =
        item.construct === null
          ? []
          : [`  constructor${formatShape(item.construct).replace(/: [^:]*$/, "")}`];
      return [`class ${name} {`, ...construct, ...members(item.members), "}"];
    }
  }
}

function members(all: Readonly<Record<string, Member>>): string[] {
  return Object.entries(all)
    .sort(([, a], [, b]) => a.place.line - b.place.line)
    .map(([name, member]) =>
      member.kind === "method"
        ? `  ${name}${formatShape(member)}`
        : `  ${member.writable ? "" : "readonly "}${name}: ${formatType(member.type)}`,
    );
}
