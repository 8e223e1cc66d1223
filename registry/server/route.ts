import type { ApiRequest, ApiResponse } from "./exchange.ts";
import type { Registry } from "./registry.ts";

/** Answers a request whose path has these words in the places of those with a colon. */
export type Handler = (
  words: readonly string[],
  request: ApiRequest,
  registry: Registry,
) => Promise<ApiResponse> | ApiResponse;

/** In a path `:name` is a package's name, `:user` an account as CouchDB writes it, `:word` any part. */
export type Route = readonly [method: string, path: string, handler: Handler];
