/**
 * Writes docs/kernels.md, the table of the supported kernels.
 *
 * @module
 */
import { kinds } from "./mod.ts";
import { supportedKernels } from "./supported_kernels.ts";

const rows = kinds.map(({ title, file, lowerings }) => {
  const kernels = Object.keys(lowerings).sort().map((kernel) => `\`${kernel}\``);
  return `| [${title}](../onnx/lowerings/${file}) | ${kernels.join(", ")} |`;
});

/** The page, in Markdown. */
export const kernelTable = `# Supported kernels

A traced function may use these ${supportedKernels.length} kernels of TensorFlow.js, and any kernel on constants alone, which
runs while tracing. Functions such as \`tf.sum\` call one kernel or a few, and their gradients call others; an error names the
kernel that is missing. \`deno task kernels\` writes this page from the table of lowerings.

| kind | kernels |
| --- | --- |
${rows.join("\n")}
`;

if (import.meta.main) await Deno.writeTextFile(new URL("../../docs/kernels.md", import.meta.url), kernelTable);
