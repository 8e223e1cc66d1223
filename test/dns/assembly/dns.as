export { Handler, Query, Stream } from "../dns-server/src/query";
export { ADDITIONAL, ANSWER, AUTHORITY, Response } from "../dns-server/src/response";
