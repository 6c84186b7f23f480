/**
 * Writes docs/kernels.md: every kernel of TensorFlow.js, and how far it is supported. Numbers of compared calls come from
 * docs/results/differential.json, which `deno task differential` writes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { kinds } from "./mod.ts";
import { supportedKernels } from "./supported_kernels.ts";
import { callersOf, inexpressible } from "../trace/tensorflow_kernels.ts";
import { type Difference, differences, type Reason } from "./differences.ts";

/** Compared calls, by kernel. */
export interface ComparedCalls {
  readonly calls: number;
  readonly kernels: Readonly<
    Record<string, { readonly forward: number; readonly gradient: number; readonly unknownSizes: number }>
  >;
}

const files = new Map(
  kinds.flatMap(({ file, lowerings }) => Object.keys(lowerings).map((kernel) => [kernel, file] as const)),
);

/** The kernels of TensorFlow.js's CPU backend, and those that are supported without being there, in alphabetical order. */
const kernels = [
  ...new Set([...tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName), ...supportedKernels]),
].filter((kernel) => kernel !== "AllReduce").sort();

/** Marks the functions in a text. */
const inCode = (text: string) => text.replace(/tf\.[\w.]*\w/g, "`$&`");

const count = (calls: number) => calls === 0 ? "" : `${calls}`;

function row(kernel: string, compared: ComparedCalls): string {
  const file = files.get(kernel), functions = inCode(callersOf(kernel));
  if (!file) return `| \`${kernel}\` | ${functions} | no: ${reason(kernel)} | | |`;
  const { forward, gradient, unknownSizes } = compared.kernels[kernel] ?? { forward: 0, gradient: 0, unknownSizes: 0 };
  const derivative = tf.getGradient(kernel) ? count(gradient) : "none in TensorFlow.js";
  return `| [\`${kernel}\`](../onnx/lowerings/${file}) | ${functions} | ${count(forward)} | ${derivative} | ${
    count(unknownSizes)
  } |`;
}

function reason(kernel: string): string {
  if (kernel === "Identity") return "needs no node, the result is the input";
  const { reason, instead } = inexpressible[kernel] ?? { reason: "not yet" };
  return instead ? `${reason}; use ${inCode(instead)}` : reason;
}

const differenceRow = ({ of, tensorflow, model }: Difference): string => `| ${inCode(of)} | ${tensorflow} | ${model} |`;

const differenceTable = (reason: Reason): string =>
  `| call | TensorFlow.js | the model |
| --- | --- | --- |
${differences[reason].map(differenceRow).join("\n")}`;

/** The page, in Markdown. */
export const kernelTable = (compared: ComparedCalls): string =>
  `# Supported kernels

A traced function may use these ${supportedKernels.length} kernels of TensorFlow.js, and any kernel on constants alone, which
runs while tracing. Functions such as \`tf.sum\` call one kernel or a few, and their gradients call others; an error names the
function and the kernel that is missing.

The numbers count calls that agree with TensorFlow.js's CPU backend, of ${compared.calls} that \`deno task differential\` draws: calls that use
the kernel, those that also use its gradient, and those with sizes that are unknown while tracing. An empty cell means that no
call was compared. \`deno task kernels\` writes this page.

| kernel | functions | forward | gradient | unknown sizes |
| --- | --- | --- | --- | --- |
${kernels.map((kernel) => row(kernel, compared)).join("\n")}

## Where a model differs from TensorFlow.js

A traced model computes what TensorFlow.js computes, or tracing ends with an error, but for the calls below.

### TensorFlow.js is wrong

TensorFlow.js's CPU backend disagrees with its own documentation, with TensorFlow or with the mathematics. The model is right:

${differenceTable("wrong")}

### Fast and exact special values

Exact treatment of NaN and infinities costs time where ONNX's operators leave them open. By default these calls are fast and
differ. A model that is traced with \`{ specialValues: "exact" }\` has TensorFlow.js's values, and its gradients where they are
right:

${differenceTable("fast")}

Fast is the default, because exact pooling doubles the time of a network without NaN: three 3x3 convolutions, each with relu
and 2x2 pooling, take 3.1 ms of processor time by default and 6.7 with exact values, and their gradient 18.6 and 20.5 ms. To
replace NaN in front of each pooling, which is still wrong for a window of nothing else, takes 5.8 ms: onnxruntime then no
longer keeps images in blocks from a convolution to its pooling (medians of 9 rounds on one thread, AVX2;
\`deno run --allow-read --allow-ffi --allow-env --allow-sys bench/special_values.ts\`).

### ONNX's operators differ

No option closes this difference:

${differenceTable("operators")}

An image of unknown sides that turns out smaller than a window has a result without elements in TensorFlow.js. onnxruntime
refuses to convolve it, and to pool it with a numeric padding.
`;

if (import.meta.main) {
  const docs = new URL("../../docs/", import.meta.url);
  const compared = JSON.parse(await Deno.readTextFile(new URL("results/differential.json", docs)));
  await Deno.writeTextFile(new URL("kernels.md", docs), kernelTable(compared));
}
