/** Lets people explore the picture of what is linked: with the pointer, and by keys as one stop in the order of focus. */
export function explorePicture(picture: SVGElement, about: HTMLElement): void {
  const modules = [...picture.querySelectorAll<SVGGElement>(".module")];
  const uses = [...picture.querySelectorAll<SVGPathElement>(".use")];
  const first = modules[0];
  if (first === undefined) return;
  const nameOf = (module: SVGGElement) => module.dataset["module"] ?? "";

  const light = (module: SVGGElement) => {
    const name = nameOf(module);
    const near = new Set([name]);
    for (const use of uses) {
      const { from = "", to = "" } = use.dataset;
      const isOwn = from === name || to === name;
      use.classList.toggle("lit", isOwn);
      // What is drawn last is on top.
      if (isOwn) use.parentNode?.insertBefore(use, first);
      if (isOwn) near.add(from).add(to);
    }
    for (const each of modules) each.classList.toggle("lit", near.has(nameOf(each)));
  };

  let chosen = first;
  const choose = (module: SVGGElement) => {
    chosen = module;
    for (const each of modules) {
      const isChosen = each === module;
      each.setAttribute("aria-pressed", String(isChosen));
      each.setAttribute("tabindex", isChosen ? "0" : "-1");
    }
    for (const article of about.querySelectorAll("article")) {
      article.hidden = article.id !== `about-${nameOf(module)}`;
    }
    light(module);
  };

  for (const module of modules) {
    module.addEventListener("pointerenter", () => light(module));
    module.addEventListener("pointerleave", () => light(chosen));
    module.addEventListener("click", () => choose(module));
    module.addEventListener("focus", () => choose(module));
    module.addEventListener("keydown", (event) => {
      const to = neighbour(modules, module, event.key);
      if (to === null) return;
      event.preventDefault();
      to.focus();
      to.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
  choose(first);
  // Where the picture is wider than the window, its top is in the middle.
  const box = first.getBoundingClientRect();
  const scroller = picture.parentElement;
  if (scroller === null) return;
  const { left, width } = scroller.getBoundingClientRect();
  scroller.scrollLeft += box.left + box.width / 2 - (left + width / 2);
}

/** Which way a key leads, in pixels of the screen. */
const directions: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The nearest module in the direction of a key; null when there is none, or for another key. */
function neighbour(
  modules: readonly SVGGElement[],
  from: SVGGElement,
  key: string,
): SVGGElement | null {
  if (key === "Home") return modules[0] ?? null;
  if (key === "End") return modules.at(-1) ?? null;
  const direction = directions[key];
  if (direction === undefined) return null;
  const middle = (module: SVGGElement) => {
    const { x, y, width, height } = module.getBoundingClientRect();
    return [x + width / 2, y + height / 2] as const;
  };
  const [x, y] = middle(from);
  let best: SVGGElement | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const module of modules) {
    const [otherX, otherY] = middle(module);
    const along = (otherX - x) * direction[0] + (otherY - y) * direction[1];
    const aside = Math.abs((otherX - x) * direction[1]) + Math.abs((otherY - y) * direction[0]);
    // Beside it rather than a row away, and in the next row rather than in the one after.
    const distance = direction[0] === 0 ? along * 3 + aside : along + aside * 4;
    if (along < 8 || distance >= least) continue;
    best = module;
    least = distance;
  }
  return best;
}
