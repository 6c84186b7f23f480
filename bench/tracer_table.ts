/**
 * The rows of the comparison of a traced network with other implementations.
 *
 * @module
 */
import type { Figures, Measure } from "./commands.ts";
import { compare } from "./table.ts";

/** The compared tasks, by the names of their figures. */
const compared = { infer: "tracer, inference, images/s", train: "tracer, training of a tf.layers CNN, images/s" };

/** Prints a row for each figure. The program that lacks one has printed the reason. */
function compareTraced(name: string, own: Figures, theirs: Figures): void {
  for (const [figure, what] of Object.entries(compared)) compare(what, own[figure], theirs[figure], name);
}

/** Measures ours and another in turns, and returns their medians. */
type InTurns = (other: Measure, name: string) => Promise<{ readonly own: Figures; readonly theirs: Figures }>;

/** Compares with each implementation that is there, and returns the reasons for the absence of others. */
export async function tracerTable(others: Readonly<Record<string, Measure>>, inTurns: InTurns): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, other] of Object.entries(others)) {
    if ("absent" in other) {
      missing.push(`Without ${name}: ${other.absent}`);
      continue;
    }
    const { own, theirs } = await inTurns(other, name);
    compareTraced(name, own, theirs);
  }
  return missing;
}
