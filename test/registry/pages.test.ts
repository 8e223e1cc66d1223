import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { returnAddress } from "../../registry/server/pages/address.ts";
import { html } from "../../registry/server/pages/html.ts";
import { markdown } from "../../registry/server/pages/markdown.ts";
import { picture } from "../../registry/server/pages/picture.ts";
import { tokenInCookie } from "../../registry/server/pages/session.ts";
import { signatureOf } from "../../registry/server/pages/signature.ts";

const place = { file: "src/a.ts", line: 1, column: 1 };

describe("templates", () => {
  test("whatever is put in is text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const made = html`<p title="${text}">${text}</p>`.text;
        const [, attribute, content] = /^<p title="([^"<>]*)">([^"<>]*)<\/p>$/s.exec(made) ?? [];
        expect(attribute).toBe(content);
        expect(unescaped(content!)).toBe(text);
      }),
      { seed: 11 },
    );
  });

  test("lists are joined, null is nothing, HTML stays", () => {
    expect(html`<ul>${[html`<li>${1}</li>`, null, "<"]}</ul>`.text).toBe("<ul><li>1</li>&lt;</ul>");
  });
});

describe("a README", () => {
  test.each([
    ["a tag", "a <script>alert(1)</script> b"],
    ["an attribute", "<b onclick=alert(1)>b</b>"],
    ["a link to a script", "[a](javascript:alert(1))"],
    ["the same in disguise", "[a](JaVaScRiPt&#58;alert(1))"],
    ["data as a link", "[a](data:text/html;base64,PHNjcmlwdD4=)"],
    ["a link that breaks out", '[a](https://a.example/"onclick="alert(1))'],
    ["a title that breaks out", "[a](https://a.example '\"><script>')"],
    ["an image", '![a"><b>](https://a.example/x.png)'],
    ["an image of a script", "![a](javascript:alert(1))"],
    ["an automatic link", "<javascript:alert(1)>"],
    ["a reference", "[a]\n\n[a]: javascript:alert(1)"],
    ["a language", '```"><script>\nx\n```'],
    ["headings", "# One\n\n###### Six"],
    ["a link within the package", "[more](docs/more.md)"],
    ["a table with columns to the right", "|a|\n|-:|\n|1|"],
  ])("with %s", (_, text) => {
    expect(markdown(text).text).toMatchSnapshot();
  });

  test("of anything has no tag but those of Markdown, and no other addresses", () => {
    const parts = fc.constantFrom(
      ..."<script> <img onerror= [a]( ) javascript: data: ` ** _ # > - | \n \" ' & &#58; ![ ] https://a.example".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(parts, fc.string({ maxLength: 4 })), { maxLength: 30 }),
        (text) => {
          const made = markdown(text.join("")).text;
          for (const [, tag] of made.matchAll(/<\/?([^\s>/]*)/g)) expect(tags).toContain(tag);
          for (const [, name] of made.matchAll(/<[a-z]\w*\s+([a-z-]+)=/g)) {
            expect(["href", "rel", "class", "start", "title"]).toContain(name);
          }
          for (const [, address] of made.matchAll(/href="([^"]*)"/g)) {
            expect(address).toMatch(/^((https?:\/\/|mailto:).*)?$/i);
          }
        },
      ),
      { seed: 12, numRuns: 2000 },
    );
  });

  test("takes time in proportion to its size, however it is nested", () => {
    for (const text of ["[", "![", "*a", "`", ">", "- ", "<", "|a", "(((", "[a](", "&#"]) {
      expect(markdown(text.repeat(20_000)).text.length).toBeGreaterThan(0);
    }
  });
});

const tags =
  "a p em strong s code pre ul ol li h3 h4 h5 h6 blockquote hr br table thead tbody tr th td".split(
    " ",
  );

test("types link to where they are declared", () => {
  const named = { kind: "named", name: "Connection", nullable: true } as const;
  const written = signatureOf(
    {
      exports: {
        Connection: { kind: "interface", members: {}, place },
        open: {
          kind: "function",
          parameters: [
            { name: "of", type: { ...named, interface: "tcp" }, optional: false },
            {
              name: "all",
              type: {
                kind: "standard",
                name: "Array",
                arguments: [{ ...named, interface: null }],
                nullable: false,
              },
              optional: true,
            },
          ],
          returns: { kind: "primitive", name: "void" },
          place,
        },
      },
    },
    "http.",
    "/",
  );
  expect(written.text).toMatchSnapshot();
});

test("a picture shows twelve on each side, and how many more there are", () => {
  const nodes = Array.from({ length: 20 }, (_, at) => ({ name: `p${at}`, isInterface: false }));
  const drawn = picture(nodes, { name: "tcp", isInterface: true }, [], "/").text;
  expect(drawn.match(/<rect/g)).toHaveLength(12);
  expect(drawn).toContain(">and 9 more</text>");
});

test.each([
  ["/-/web/package/@acme/dice", "/-/web/package/@acme/dice"],
  [null, "/"],
  ["https://evil.example/", "/"],
  ["//evil.example/-/web/", "/"],
  ["/-/web/\\evil.example", "/"],
  ["/-/web/a\r\nset-cookie: a=b", "/"],
  ["/other", "/"],
])("after a log-in at %s one comes to %s", (wanted, to) => {
  expect(returnAddress("/", wanted)).toBe(to);
});

test.each([
  ["unipkg_token=upt_a", "upt_a"],
  ["a=b; unipkg_token=upt_a; c=d", "upt_a"],
  ["xunipkg_token=upt_a", null],
  ["unipkg_token=", null],
  [`unipkg_token=${"a".repeat(201)}`, null],
  [undefined, null],
])("the cookie %s has the token %s", (header, token) => {
  expect(tokenInCookie(header)).toBe(token);
});

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
  };
  return text.replace(/&[a-z#0-9]+;/g, (written) => characters[written]!);
}
