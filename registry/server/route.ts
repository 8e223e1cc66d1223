import type { ApiRequest, ApiResponse } from "./exchange.ts";
import type { Registry } from "./registry.ts";

/** Answers a request whose path has these words in the places of `:name` and `:word`. */
export type Handler = (
  words: readonly string[],
  request: ApiRequest,
  registry: Registry,
) => Promise<ApiResponse> | ApiResponse;

export type Route = readonly [method: string, path: string, handler: Handler];
