/**
 * Draws calls of TensorFlow.js functions and compares onnxruntime, on the traced model, with TensorFlow.js: values and gradients.
 *
 * The numbers of compared calls by kernel go to docs/results/differential.json, from which `deno task kernels` writes a table, if
 * there are as many calls as by default or more, and none differs.
 *
 *     deno task differential [calls, default 20000] [first seed, default 1] [rule...]
 */
import { runDifferential } from "./differential/run.ts";

const results = new URL("../../docs/results/differential.json", import.meta.url);
const DOCUMENTED_CALLS = 20_000;
const [calls = DOCUMENTED_CALLS, first = 1] = Deno.args.slice(0, 2).map(wholeNumber);
const only = Deno.args.slice(2);
const { byRule, byKernel, differences, refusals, missing } = await runDifferential(
  calls,
  first,
  only,
  (line) => console.error(line),
);
for (const [name, { equal, withGradient, refused, invalid }] of Object.entries(byRule)) {
  console.log(
    `${name.padEnd(30)} ${equal} equal (${withGradient} with gradient), ${refused} refused, ${invalid} invalid`,
  );
}
for (const [message, count] of Object.entries(refusals).toSorted(([, a], [, b]) => b - a)) {
  console.log(`refused ${count}: ${message.slice(0, 160)}`);
}
console.log(`${calls} calls, ${differences.length} different`);
if (only.length === 0 && missing.length > 0) console.error(`no call compared the kernels ${missing.join(", ")}`);
if (only.length === 0 && differences.length === 0 && calls >= DOCUMENTED_CALLS) {
  const kernels = Object.fromEntries(Object.entries(byKernel).toSorted(([a], [b]) => a < b ? -1 : 1));
  await Deno.writeTextFile(results, `${JSON.stringify({ calls, kernels }, null, 1)}\n`);
}
Deno.exit(differences.length > 0 || (only.length === 0 && missing.length > 0) ? 1 : 0);

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`${text} is no whole number; give the number of calls, the first seed, and names of rules`);
  Deno.exit(1);
}
