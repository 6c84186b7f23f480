import type { Graph } from "./graph.ts";

/** The name of an output in the ONNX file: `next/<name>` if an input has that name, since there the two must differ. */
export const outputName = ({ inputs }: Graph, name: string): string =>
  Object.hasOwn(inputs, name) ? `next/${name}` : name;
