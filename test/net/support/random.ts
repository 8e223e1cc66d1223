export { Random } from "../../../linker/simulator/random.ts";
