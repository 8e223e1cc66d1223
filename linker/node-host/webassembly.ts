/** The part of JavaScript's WebAssembly interface that a host needs; TypeScript has its types in the DOM's only. */
interface Api {
  readonly RuntimeError: ErrorClass;
  readonly LinkError: ErrorClass;
  readonly Module: {
    new (wasm: Uint8Array): CompiledModule;
    imports(module: CompiledModule): readonly { readonly module: string; readonly name: string }[];
  };
  compile(wasm: Uint8Array): Promise<CompiledModule>;
  readonly Instance: new (
    module: CompiledModule,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: object };
}

/** WebAssembly.Module, which has nothing that a host looks at. */
export interface CompiledModule {
  readonly "compiled code": never;
}

type ErrorClass = abstract new (...values: never[]) => Error;

export interface LinearMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
