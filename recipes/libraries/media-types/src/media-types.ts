/** The media type for a path by its extension, in any case; `application/octet-stream` for others. */
export function mediaType(path: string): string {
  const dot = path.lastIndexOf(".");
  if (dot <= path.lastIndexOf("/")) return unknown;
  const sent = path.slice(dot + 1);
  const extension = types.has(sent) ? sent : lowerCase(sent);
  return types.has(extension) ? types.get(extension) : unknown;
}

const unknown: string = "application/octet-stream";

const types: Map<string, string> = new Map<string, string>();

// Text is UTF-8.
types.set("7z", "application/x-7z-compressed");
types.set("avif", "image/avif");
types.set("bmp", "image/bmp");
types.set("bz2", "application/x-bzip2");
types.set("css", "text/css; charset=utf-8");
types.set("csv", "text/csv; charset=utf-8");
types.set("flac", "audio/flac");
types.set("gif", "image/gif");
types.set("gz", "application/gzip");
types.set("htm", "text/html; charset=utf-8");
types.set("html", "text/html; charset=utf-8");
types.set("ico", "image/vnd.microsoft.icon");
types.set("ics", "text/calendar; charset=utf-8");
types.set("jpeg", "image/jpeg");
types.set("jpg", "image/jpeg");
types.set("js", "text/javascript; charset=utf-8");
types.set("json", "application/json");
types.set("jsonld", "application/ld+json");
types.set("m4a", "audio/mp4");
types.set("map", "application/json");
types.set("md", "text/markdown; charset=utf-8");
types.set("mjs", "text/javascript; charset=utf-8");
types.set("mp3", "audio/mpeg");
types.set("mp4", "video/mp4");
types.set("mpeg", "video/mpeg");
types.set("oga", "audio/ogg");
types.set("ogg", "audio/ogg");
types.set("ogv", "video/ogg");
types.set("opus", "audio/ogg");
types.set("otf", "font/otf");
types.set("pdf", "application/pdf");
types.set("png", "image/png");
types.set("rss", "application/rss+xml");
types.set("rtf", "application/rtf");
types.set("svg", "image/svg+xml");
types.set("tar", "application/x-tar");
types.set("tif", "image/tiff");
types.set("tiff", "image/tiff");
types.set("toml", "application/toml");
types.set("ttf", "font/ttf");
types.set("txt", "text/plain; charset=utf-8");
types.set("vtt", "text/vtt; charset=utf-8");
types.set("wasm", "application/wasm");
types.set("wav", "audio/vnd.wave");
types.set("weba", "audio/webm");
types.set("webm", "video/webm");
types.set("webmanifest", "application/manifest+json");
types.set("webp", "image/webp");
types.set("woff", "font/woff");
types.set("woff2", "font/woff2");
types.set("xhtml", "application/xhtml+xml");
types.set("xml", "application/xml");
types.set("yaml", "application/yaml");
types.set("yml", "application/yaml");
types.set("zip", "application/zip");
types.set("zst", "application/zstd");

function lowerCase(text: string): string {
  let lower = "";
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    lower += String.fromCharCode(unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit);
  }
  return lower;
}
