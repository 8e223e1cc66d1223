/** The part of JavaScript's WebAssembly interface that a host needs; TypeScript has its types in the DOM's only. */
interface Api {
  readonly RuntimeError: ErrorClass;
  readonly LinkError: ErrorClass;
  readonly Module: {
    new (wasm: Uint8Array): object;
    imports(module: object): readonly { readonly module: string; readonly name: string }[];
  };
  instantiate(
    wasm: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ readonly instance: { readonly exports: object } }>;
}

type ErrorClass = abstract new (...values: never[]) => Error;

export interface LinearMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
