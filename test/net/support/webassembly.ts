/** The part of JavaScript's WebAssembly interface that these tests need; TypeScript has its types in the DOM's only. */
export interface WasmModule {
  readonly "compiled wasm": never;
}

interface Api {
  compile(wasm: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
