import { index } from "config";
import * as htdocs from "htdocs";
import { Handler, Request, Response } from "http";
import { mediaType } from "media-types";

/** Answers with the files of `htdocs`: `/` and `/folder/` with their index, what is not there with `404.html`. */
export class Site implements Handler {
  onRequest(request: Request, response: Response): void {
    const method = request.method;
    if (method != "GET" && method != "HEAD") {
      response.status(405).header("Allow", "GET, HEAD").text("Method Not Allowed\n");
      return;
    }
    const path = request.path;
    if (path.length == 0) {
      response.status(400).text("Bad Request\n");
      return;
    }
    const key = path.endsWith("/") ? path.slice(1) + index : path.slice(1);
    const file = htdocs.get(key);
    if (file !== null) {
      response.header("Content-Type", mediaType(key)).entity(file.bytes, file.tag);
    } else if (htdocs.get(`${key}/${index}`) !== null) {
      // As sent, so that it stays escaped. A single slash in front: `//` would name another host.
      const target = request.target;
      const query = request.query;
      let start = 0;
      while (target.charCodeAt(start + 1) == 0x2f) start++;
      const location = `${target.slice(start)}/${query.length > 0 ? `?${query}` : ""}`;
      response.status(301).header("Location", location).text("Moved Permanently\n");
    } else {
      notFound(response);
    }
  }
}

function notFound(response: Response): void {
  response.status(404);
  const page = htdocs.get("404.html");
  if (page === null) response.text("Not Found\n");
  else response.header("Content-Type", "text/html; charset=utf-8").end(page.bytes);
}
