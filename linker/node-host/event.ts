import { Exit, type HostModule } from "./abi.ts";

/** Module `event` of docs/abi.md, by an exception through the image's stack. */
export function eventModule(): HostModule {
  return {
    exit: (status: number) => {
      throw new Exit(status);
    },
  };
}
