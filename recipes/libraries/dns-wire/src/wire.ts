export { addressFromText, ipv4FromText, ipv6FromText } from "./address";
export { Compressor } from "./compressor";
export { expandData } from "./data";
export { OPT_LENGTH, OptView, putOpt } from "./edns";
export {
  AUTHORITATIVE,
  FORMAT_ERROR,
  HEADER,
  HeaderView,
  NAME_ERROR,
  NO_ERROR,
  NOT_IMPLEMENTED,
  putHeader,
  QUERY,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  REFUSED,
  RESPONSE,
  SERVER_FAILURE,
  TRUNCATED,
} from "./header";
export {
  LABEL_LIMIT,
  lowerCase,
  NAME_LIMIT,
  NameView,
  nameFromText,
  nameLength,
  nameToText,
  sameName,
} from "./name";
export { addressOf, clear, copy, get8, get16, get32, put8, put16, put32, setView } from "./octets";
export { RECORD_HEADER, RecordView } from "./record";
export * from "./types";
