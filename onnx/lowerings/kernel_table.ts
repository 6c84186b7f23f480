/**
 * The table of the supported kernels, as it stands in docs/kernels.md.
 *
 * @module
 */
import { getKernelsForBackend } from "@tensorflow/tfjs";
import { collectiveLowerings } from "./collective.ts";
import { convolutionLowerings } from "./convolution/mod.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import { linearAlgebraLowerings } from "./linear_algebra.ts";
import { movementLowerings } from "./movement.ts";
import { poolingLowerings } from "./pooling.ts";
import { reductionLowerings } from "./reduction.ts";
import { scaleAndShiftLowerings } from "./scale_shift.ts";

/** The kernels of each kind, by the file in which they are. */
export const kinds: Readonly<Record<string, readonly string[]>> = {
  collective: Object.keys(collectiveLowerings),
  convolution: Object.keys(convolutionLowerings),
  elementwise: Object.keys(elementwiseLowerings),
  linear_algebra: Object.keys(linearAlgebraLowerings),
  movement: Object.keys(movementLowerings),
  pooling: Object.keys(poolingLowerings),
  reduction: Object.keys(reductionLowerings),
  scale_and_shift: Object.keys(scaleAndShiftLowerings),
};

const known = new Set(getKernelsForBackend("cpu").map(({ kernelName }) => kernelName));

/** Whether TensorFlow.js has a kernel of this name; some lowerings are of kernels that rewriting a graph makes. */
export const isKernel = (name: string): boolean => known.has(name);

const count = Object.values(kinds).flat().filter(isKernel).length;
const rows = Object.entries(kinds).filter(([, kernels]) => kernels.some(isKernel)).map(([file, kernels]) =>
  `| [${file.replace("_", " ")}](../onnx/lowerings/${file}.ts) | ${
    kernels.filter(isKernel).toSorted().map((kernel) => `\`${kernel}\``).join(", ")
  } |`
);

/** Markdown. */
export const kernelTable = `# Supported kernels

The ${count} kernels of TensorFlow.js that a traced function may use, by kind. Any kernel may be used on constants: it runs while
tracing. Functions such as \`tf.sum\` call one kernel or a few, and their gradients others; an error names the kernel that is
missing. \`deno task kernels\` writes this file from the table of lowerings.

| kind | kernels |
| --- | --- |
${rows.join("\n")}
`;

if (import.meta.main) await Deno.writeTextFile(new URL("../../docs/kernels.md", import.meta.url), kernelTable);
