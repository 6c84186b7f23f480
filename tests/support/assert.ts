/** The assertions of the tests, `#assert` in the import map: Node's, which stand in for `jsr:@std/assert`. */
export { default } from "node:assert/strict";
