// Stands before an object store that does not compute signatures, and refuses, with S3's own codes, what is not signed as
// AWS Signature Version 4 wants it. The signature is computed anew by @smithy/signature-v4, the implementation of AWS's SDK.
// Words: PORT TARGET-PORT ID SECRET [SESSION].
import { createHash, createHmac } from "node:crypto";
import { createServer, request } from "node:http";
import { pathToFileURL } from "node:url";
import { SignatureV4 } from "@smithy/signature-v4";

/** SHA-256 as the SDK takes it: keyed, when it has a key. */
class Sha256 {
  constructor(key) {
    this.hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  }
  update(bytes) {
    this.hash.update(bytes);
  }
  async digest() {
    return this.hash.digest();
  }
}

const hex = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Each byte that is not unreserved as %XX (RFC 3986, 2.3), which encodeURIComponent leaves five characters of. */
const strictly = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The signature that a request should have.
 *
 * @param {{ method: string, url: string, headers: Record<string, string> }} message `url` as it is on the wire
 * @param {{ id: string, secret: string, session: string | null, region: string }} key
 */
export async function signatureOf({ method, url, headers }, key) {
  const [path, search = ""] = url.split("?");
  const signer = new SignatureV4({
    service: "s3",
    region: key.region,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
    credentials: {
      accessKeyId: key.id,
      secretAccessKey: key.secret,
      ...(key.session === null ? {} : { sessionToken: key.session }),
    },
  });
  const date = headers["x-amz-date"];
  const signed = await signer.sign(
    {
      ...{ method, protocol: "http:", hostname: headers.host },
      path: path
        .split("/")
        .map((part) => strictly(decodeURIComponent(part)))
        .join("/"),
      query: Object.fromEntries(new URLSearchParams(search)),
      headers,
    },
    {
      signingDate: new Date(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, "$1-$2-$3T$4:$5:$6Z")),
    },
  );
  return /Signature=(\w+)/.exec(signed.headers.authorization)[1];
}

/** The code that S3 refuses a request with; null when it is signed as it should be. */
async function faultOf(incoming, body, key) {
  const { authorization = "" } = incoming.headers;
  const [, id, date, region, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w{64})$/.exec(
      authorization,
    ) ?? [];
  if (id === undefined) return "AccessDenied";
  if (id !== key.id) return "InvalidAccessKeyId";
  const time = incoming.headers["x-amz-date"] ?? "";
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(date)) return "AccessDenied";
  if ((incoming.headers["x-amz-security-token"] ?? null) !== key.session) return "InvalidToken";
  const signedNames = names.split(";");
  const must = ["host", ...Object.keys(incoming.headers).filter((name) => /^x-amz-/.test(name))];
  if (!must.every((name) => signedNames.includes(name))) return "AccessDenied";
  if (incoming.headers["x-amz-content-sha256"] !== hex(body)) return "XAmzContentSHA256Mismatch";
  const headers = Object.fromEntries(signedNames.map((name) => [name, incoming.headers[name]]));
  const message = { method: incoming.method, url: incoming.url, headers };
  return (await signatureOf(message, { ...key, region })) === signature
    ? null
    : "SignatureDoesNotMatch";
}

function serve([port, target, id, secret, session = null]) {
  const key = { id, secret, session };
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const fault = await faultOf(incoming, body, key);
    if (fault !== null) {
      outgoing.writeHead(403, { "content-type": "application/xml" });
      outgoing.end(`<?xml version="1.0"?><Error><Code>${fault}</Code></Error>`);
      return;
    }
    const { method, url: path, headers } = incoming;
    const forwarded = request(
      { host: "127.0.0.1", port: target, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end(body);
  });
  server.listen(Number(port), "127.0.0.1", () => process.stdout.write("verifying\n"));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) serve(process.argv.slice(2));
