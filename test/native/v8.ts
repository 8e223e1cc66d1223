/** As much of the WebAssembly API as the tests use; TypeScript has it only for browsers. */
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}
interface Api {
  instantiate(wasm: Uint8Array, imports: object): Promise<{ readonly instance: Instance }>;
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: Api };

/** Instantiates a module in Node's own engine. */
export async function instantiate(wasm: Uint8Array, imports: object): Promise<Instance> {
  return (await WebAssembly.instantiate(wasm, imports)).instance;
}
