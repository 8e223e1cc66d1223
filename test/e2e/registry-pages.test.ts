// The registry's pages in a real browser: found, read and walked through by keyboard, by those who may see them.
import { expect, test } from "vitest";
import { complaintsOf, looks, openChromium, overflowOf, type Page } from "../support/chromium.ts";
import { Person, packageFiles, startRegistry, type TestRegistry } from "../support/registry.ts";

const attack = `<img src=x onerror="document.title='taken'">`;

const source = `import { Connection } from "tcp";
export function roll(sides: u32): u32 {
  return sides;
}
export function ask(connection: Connection, sides: u32): i32 {
  return connection.write(new Uint8Array(<i32>sides));
}
`;

/** A registry with two versions of a package whose texts attack its reader, and an account that may not see it. */
async function prepared(): Promise<{ registry: TestRegistry; stranger: string }> {
  const registry = await startRegistry();
  const person = new Person();
  const where = ["--registry", registry.url, "--scope", "@acme"];
  person.unipkgOk(".", ["login", ...where], registry.token);
  person.unipkgOk(".", ["registry", "org", "acme"]);
  person.unipkgOk(".", ["registry", "account", "eve"]);
  const rights = ["--account", "eve", "--rights", "read"];
  const made = person.unipkgOk(".", ["token", "create", ...rights, "--registry", registry.url]);
  const publish = (version: string, text: string) => {
    const settings = { sides: { type: "u32", doc: attack, default: 6 } };
    const block = {
      kind: "library",
      module: "src/dice.ts",
      requires: { tcp: "^1.0.0" },
      config: settings,
    };
    const files = packageFiles("dice", "@acme/dice", version, block, {
      "src/dice.ts": text,
      "README.md": `# Dice\n\n${attack} [press](javascript:alert(1))\n\n<script>document.title = "taken"</script>\n`,
    });
    const manifest = JSON.parse(files["dice/package.json"]!);
    person.write({
      ...files,
      "dice/package.json": JSON.stringify({ ...manifest, description: attack }),
    });
    person.unipkgOk(".", ["publish", "dice"]);
  };
  publish("1.0.0", source);
  publish("2.0.0", source.replaceAll("u32", "u16"));
  return { registry, stranger: /upt_\S+/.exec(made.stdout)![0] };
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Log out" }).waitFor();
}

test("a person finds a package, reads it, and leaves", async () => {
  const { registry, stranger } = await prepared();
  const browser = await openChromium();
  for (const look of looks) {
    const context = await browser.newContext(look);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    // The address of a page leads to it, by way of the log-in.
    await page.goto(`${registry.url}-/web/package/@acme/dice`);
    await logIn(page, registry.token);
    expect(page.url()).toBe(`${registry.url}-/web/package/@acme/dice`);
    expect(await page.title()).toBe("@acme/dice · unipkg registry");
    expect(await overflowOf(page)).toBe(0);
    expect(await page.locator("img, script").count()).toBe(0);
    expect(await page.getByRole("link", { name: "press" }).count()).toBe(0);

    await page.getByRole("link", { name: "it breaks those who use it" }).click();
    expect(await page.locator("main").textContent()).toContain(
      "roll: parameter 1 (`sides`) is u16",
    );

    // From a type in a signature to its declaration.
    await page.goto(`${registry.url}-/web/package/@acme/dice`);
    await page.getByRole("link", { name: "tcp.Connection" }).click();
    expect(page.url()).toBe(`${registry.url}-/web/package/tcp#Connection`);

    // Found by its name, and from the interface to who provides it and who uses it.
    await page.getByRole("searchbox").fill("tcp");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "tcp", exact: true }).click();
    expect(await overflowOf(page)).toBe(0);
    const users = page.getByRole("list").filter({ hasText: "http1" });
    expect(await users.getByRole("link", { name: "@acme/dice" }).count()).toBe(1);
    await page.getByRole("row", { name: "kernel-sockets" }).getByRole("link").click();
    expect(await page.locator("main").textContent()).toContain("host:socket");

    // The first stop of the keyboard leads past the header.
    await page.goto(registry.url);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    expect(await page.locator("main").textContent()).toContain(attack);

    await page.getByRole("button", { name: "Log out" }).click();
    await page.goto(registry.url);
    expect(page.url()).toBe(`${registry.url}-/web/login`);
    expect(complaints).toEqual([]);

    // Who may not see a package sees the same page as for one that is not there.
    await logIn(page, stranger);
    for (const name of ["@acme/dice", "@acme/none"]) {
      const answer = await page.goto(`${registry.url}-/web/package/${name}`);
      expect(answer?.status()).toBe(404);
      expect(await page.locator("main").textContent()).toContain("There is no such page");
    }
    await page.goto(`${registry.url}-/web/search?q=dice`);
    expect(await page.locator("main").textContent()).toContain("0 packages");
    await context.close();
  }
});

test("a wrong token, and one that was revoked", async () => {
  const registry = await startRegistry();
  const login = (token: string, headers: Record<string, string> = {}) =>
    fetch(`${registry.url}-/web/login`, {
      method: "POST",
      body: new URLSearchParams({ token }),
      redirect: "manual",
      headers,
    });
  const wrong = await login("upt_wrong");
  expect(wrong.status).toBe(401);
  expect(await wrong.text()).toContain("This is no token of the registry");
  expect(wrong.headers.get("set-cookie")).toBeNull();
  // A form on another site that would log somebody in as the attacker.
  const forged = await login(registry.token, { "sec-fetch-site": "cross-site" });
  expect(forged.headers.get("set-cookie")).toBeNull();

  const right = await login(registry.token);
  const cookie = right.headers.get("set-cookie")!;
  expect(cookie).toContain("HttpOnly; SameSite=Lax");
  const open = () =>
    fetch(registry.url, { headers: { cookie: cookie.split(";")[0]! }, redirect: "manual" });
  expect((await open()).status).toBe(200);
  // The protocol does not know the cookie: only pages do, and they change nothing.
  const api = await fetch(`${registry.url}-/whoami`, {
    headers: { cookie: cookie.split(";")[0]! },
  });
  expect(api.status).toBe(401);

  const authorization = `Bearer ${registry.token}`;
  const gone = await fetch(`${registry.url}-/user/token/${registry.token}`, {
    method: "DELETE",
    headers: { authorization },
  });
  expect(gone.status).toBe(200);
  for (let visit = 0; visit < 20; visit++) {
    const again = await open();
    expect(again.status).toBe(303);
    expect(again.headers.get("set-cookie")).toContain("Max-Age=0");
  }
});
