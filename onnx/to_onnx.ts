/**
 * Lowers a traced graph to an ONNX model.
 *
 * @module
 */
import type { Graph } from "./graph.ts";
import { type Lowering, Scope } from "./lowering.ts";
import { lowerings } from "./lowerings.ts";
import { ModelBuilder, type ModelProperties } from "./model_builder.ts";

/** How a graph is written. */
export interface OnnxOptions extends ModelProperties {
  /** Version of the ONNX operators, 13 to 21; default 17. */
  readonly opset?: number;
  /**
   * Channels of a block in onnxruntime's blocked image format, on the machine that will run the graph. With it,
   * convolutions use onnxruntime's own operators on that format, which makes the graph fast there and good for nothing
   * else. Default: the graph is portable.
   */
  readonly block?: number | undefined;
}

/**
 * Writes a graph as the bytes of an ONNX file. Inputs and outputs keep their names (see {@linkcode outputName}), shapes
 * and element types; dynamic dimensions have names, the first one `batch`.
 */
export function toOnnx(graph: Graph, { opset = 17, block, ...properties }: OnnxOptions = {}): Uint8Array<ArrayBuffer> {
  const builder = new ModelBuilder(opset);
  const scope = new Scope(builder, block);
  for (const [name, value] of Object.entries(graph.inputs)) scope.define(value, builder.input(name, value));
  for (const kernel of graph.kernels) (lowerings as Record<string, Lowering>)[kernel.name]!.lower(kernel, scope);
  for (const [name, value] of Object.entries(graph.outputs)) {
    builder.output(outputName(graph, name), scope.name(value), value);
  }
  return builder.build(properties);
}

/** The name of an output in the ONNX file, where an output and an input cannot share one: there it is `next/<name>`. */
export const outputName = ({ inputs }: Graph, name: string): string => name in inputs ? `next/${name}` : name;
