export { Channel, Listener, load, publish } from "./channel";
export { Driver, Frontend, numberAt } from "./frontend";
export { ForeignPages, PAGE, Pages } from "./pages";
export { FrontRing } from "./ring";
export {
  available,
  beginTransaction,
  endTransaction,
  listNodes,
  NodeWatcher,
  permitNode,
  readNode,
  removeNode,
  unwatchNode,
  watchNode,
  writeNode,
} from "./store";
