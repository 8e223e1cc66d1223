/** Where blobs are: bytes that are known by their SHA-512, never changed and never taken away. */
export interface Blobs {
  /** Keeps a blob; durable when it resolves. @returns its `sha512-…` */
  put(bytes: Uint8Array): Promise<string>;
  /** Null when there is none of this digest, or when what is there under its name has another. */
  get(digest: string): Promise<Buffer | null>;
}
