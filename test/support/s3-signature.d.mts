export function signatureOf(
  message: { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>> },
  key: {
    readonly id: string;
    readonly secret: string;
    readonly session: string | null;
    readonly region: string;
  },
): Promise<string>;
