import type {
  ExportedItem,
  FunctionShape,
  Member,
  Signature,
  Type,
} from "../../../model/signature.ts";
import { type Address, packageAddress } from "./address.ts";
import { type Content, type Html, html } from "./html.ts";

/**
 * A signature as an author would write it. Types that other interfaces declare link to their declarations, the
 * signature's own to the places in it.
 *
 * @param prefix of the anchors, when a page has several signatures
 */
export function signatureOf({ exports }: Signature, prefix: string, root: Address): Html {
  const writer = new SignatureWriter(exports, prefix, root);
  const items = Object.entries(exports).map(
    ([name, item]) => html`<li id="${prefix}${name}"><code>${writer.item(name, item)}</code></li>`,
  );
  return html`<ul class="signature">${items}</ul>`;
}

class SignatureWriter {
  readonly #exports: Signature["exports"];
  readonly #prefix: string;
  readonly #root: Address;

  constructor(exports: Signature["exports"], prefix: string, root: Address) {
    this.#exports = exports;
    this.#prefix = prefix;
    this.#root = root;
  }

  item(name: string, item: ExportedItem): Html {
    const label = html`<a class="name" href="#${this.#prefix}${name}">${name}</a>`;
    switch (item.kind) {
      case "function":
        return html`function ${label}${this.#shape(item)}`;
      case "constant":
        return html`const ${label}: ${this.#type(item.type)}`;
      case "class":
      case "interface": {
        const construct =
          item.kind === "class" && item.construct !== null
            ? html`  constructor${this.#parameters(item.construct)}\n`
            : null;
        const members = Object.entries(item.members).map(
          ([member, declared]) => html`  ${this.#member(member, declared)}\n`,
        );
        return html`${item.kind} ${label} {\n${construct}${members}}`;
      }
    }
  }

  #member(name: string, member: Member): Html {
    return member.kind === "method"
      ? html`${name}${this.#shape(member)}`
      : html`${member.writable ? "" : "readonly "}${name}: ${this.#type(member.type)}`;
  }

  #shape(shape: FunctionShape): Html {
    return html`${this.#parameters(shape)}: ${this.#type(shape.returns)}`;
  }

  #parameters({ parameters }: FunctionShape): Html {
    const each = parameters.map(
      ({ name, type, optional }) => html`${name}${optional ? "?" : ""}: ${this.#type(type)}`,
    );
    return html`(${separated(each)})`;
  }

  #type(type: Type): Html {
    switch (type.kind) {
      case "primitive":
        return html`${type.name}`;
      case "standard": {
        const list = separated(type.arguments.map((argument) => this.#type(argument)));
        const name = type.name === "String" ? "string" : type.name;
        return html`${name}${list.length === 0 ? null : html`&lt;${list}&gt;`}${orNull(type)}`;
      }
      case "named":
        return html`${this.#named(type)}${orNull(type)}`;
      case "function": {
        const list = separated(type.parameters.map((parameter) => this.#type(parameter)));
        return html`(${list}) =&gt; ${this.#type(type.returns)}`;
      }
    }
  }

  #named({ interface: from, name }: Extract<Type, { kind: "named" }>): Html {
    if (from !== null) {
      return html`<a href="${packageAddress(this.#root, from)}#${name}">${from}.${name}</a>`;
    }
    return Object.hasOwn(this.#exports, name)
      ? html`<a href="#${this.#prefix}${name}">${name}</a>`
      : html`${name}`;
  }
}

function orNull({ nullable }: { readonly nullable: boolean }): string {
  return nullable ? " | null" : "";
}

function separated(items: readonly Html[]): readonly Content[] {
  return items.flatMap((item, at) => (at === 0 ? [item] : [", ", item]));
}
