/** The parser of command lines, `#parse-args` in the import map: Node's, which stands in for `jsr:@std/cli`. */
export { parseArgs } from "node:util";
