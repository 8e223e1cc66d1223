import markdownIt from "markdown-it";
import { Html, html } from "./html.ts";

/**
 * A README as HTML. It is a stranger's text: tags in it are shown as they stand, links to anything but the web and mail
 * are none, and images are links, so that reading a page tells nobody else of it.
 */
export function markdown(text: string): Html {
  return new Html(renderer.render(text));
}

const renderer = markdownIt({ html: false, linkify: false, typographer: false });

renderer.validateLink = (address) => /^(https?:\/\/|mailto:)/i.test(address.trim());

const { rules } = renderer.renderer;

rules["link_open"] = (tokens, at, options, _, self) => {
  // Whoever is linked to learns nothing, and gets no credit with search engines.
  tokens[at]!.attrSet("rel", "nofollow noreferrer");
  return self.renderToken(tokens, at, options);
};

rules["image"] = (tokens, at) => {
  const { attrs, content } = tokens[at]!;
  const address = attrs?.find(([name]) => name === "src")?.[1] ?? "";
  const name = content === "" ? "image" : content;
  return html`<a rel="nofollow noreferrer" href="${address}">${name}</a>`.text;
};

// Columns are aligned by a style in the element, which pages do not allow.
for (const rule of ["th_open", "td_open"] as const) {
  rules[rule] = (tokens, at, options, _, self) => {
    tokens[at]!.attrs = null;
    return self.renderToken(tokens, at, options);
  };
}

// The page has headings of its own above the README's.
for (const rule of ["heading_open", "heading_close"] as const) {
  rules[rule] = (tokens, at, options, _, self) => {
    const token = tokens[at]!;
    token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
    return self.renderToken(tokens, at, options);
  };
}
