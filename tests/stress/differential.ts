/**
 * Draws calls of TensorFlow.js functions and compares onnxruntime, on the traced model, with TensorFlow.js: values and gradients.
 *
 *     deno task differential [calls, default 20000] [first seed, default 1] [rule...]
 */
import { runDifferential } from "./differential/run.ts";

const [cases = "20000", first = "1", ...only] = Deno.args;
const { byRule, differences, refusals, missing } = await runDifferential(Number(cases), Number(first), only);
for (const [name, { equal, withGradient, refused, invalid }] of Object.entries(byRule)) {
  console.log(
    `${name.padEnd(30)} ${equal} equal (${withGradient} with gradient), ${refused} refused, ${invalid} invalid`,
  );
}
for (const [message, count] of Object.entries(refusals).toSorted(([, a], [, b]) => b - a)) {
  console.log(`refused ${count}: ${message.slice(0, 160)}`);
}
for (const difference of differences) console.error(`DIFFERENT ${difference}`);
console.log(`${cases} calls, ${differences.length} different`);
if (only.length === 0 && missing.length > 0) console.error(`no call compared the kernels ${missing.join(", ")}`);
Deno.exit(differences.length > 0 || (only.length === 0 && missing.length > 0) ? 1 : 0);
