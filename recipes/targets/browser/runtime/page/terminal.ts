/** Lines that are kept; the oldest go. */
const lineLimit = 5000;

/** Near enough to the end to be at it, in pixels: heights are fractions of one. */
const nearness = 4;

export type LineKind = "output" | "error" | "host";

/** The image's console: shows what it prints, and follows its end unless the reader has scrolled up. */
export class Terminal {
  readonly #screen: HTMLElement;
  readonly #follow: HTMLButtonElement;
  readonly #decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
  /** The line that has no end yet. */
  #open: { readonly element: HTMLElement; readonly kind: LineKind } | null = null;
  #isFollowing = true;

  constructor(screen: HTMLElement, follow: HTMLButtonElement) {
    this.#screen = screen;
    this.#follow = follow;
    screen.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = screen;
      this.#setFollowing(scrollHeight - scrollTop - clientHeight <= nearness);
    });
    follow.addEventListener("click", () => {
      this.#setFollowing(true);
      this.#scroll();
      screen.focus();
    });
  }

  /** Bytes that the image printed: UTF-8, lines ended by `\n`. */
  print(stream: 1 | 2, bytes: Uint8Array): void {
    const text = this.#decoders[stream].decode(bytes, { stream: true });
    this.#add(stream === 2 ? "error" : "output", text);
  }

  /** A line of the page's own, about the image. */
  tell(text: string): void {
    this.#open = null;
    this.#add("host", `${text}\n`);
  }

  get text(): string {
    return Array.from(this.#screen.children, (line) => line.textContent).join("");
  }

  clear(): void {
    this.#screen.replaceChildren();
    this.#open = null;
    this.#setFollowing(true);
  }

  #add(kind: LineKind, text: string): void {
    const added = document.createDocumentFragment();
    for (const line of text.replaceAll(controls, "").split(/(?<=\n)/)) {
      if (line === "") continue;
      if (this.#open?.kind === kind) {
        this.#open.element.append(line);
      } else {
        const element = document.createElement("div");
        element.className = kind;
        element.append(line);
        added.append(element);
        this.#open = { element, kind };
      }
      if (line.endsWith("\n")) this.#open = null;
    }
    this.#screen.append(added);
    for (let extra = this.#screen.childElementCount - lineLimit; extra > 0; extra--) {
      this.#screen.firstElementChild!.remove();
    }
    if (this.#isFollowing) this.#scroll();
  }

  #scroll(): void {
    this.#screen.scrollTop = this.#screen.scrollHeight;
  }

  #setFollowing(is: boolean): void {
    this.#isFollowing = is;
    this.#follow.hidden = is;
  }
}

/** Escape sequences of terminals (ECMA-48, 5.4), and control characters other than tabs and line ends: they would show as boxes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g;
