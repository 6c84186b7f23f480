/**
 * All rules. A function gets a rule in the file of its kind; a kind of its own is one more file and one more line here.
 *
 * @module
 */
import { compositions } from "./compositions.ts";
import { elementwise } from "./elementwise.ts";
import { images } from "./images.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { networks } from "./networks.ts";
import { reductions } from "./reduction.ts";
import { volumes } from "./volumes.ts";
import type { Rules } from "./rule.ts";

export const rules: Rules = {
  ...compositions,
  ...elementwise,
  ...images,
  ...indexing,
  ...movement,
  ...networks,
  ...reductions,
  ...volumes,
};
