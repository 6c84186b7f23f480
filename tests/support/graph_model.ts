/** Graph models, as TensorFlow's converter writes them, made by hand. */
import * as tf from "@tensorflow/tfjs";

type Shape = readonly number[];

const float = { type: "DT_FLOAT" };
const sizes = (shape: Shape) => ({ dim: shape.map((size) => ({ size: String(size) })) });

/** A node that is fed; a size of -1 is open. */
export const placeholder = (name: string, shape?: Shape) => ({
  name,
  op: "Placeholder",
  attr: { dtype: float, shape: { shape: shape ? sizes(shape) : { unknownRank: true } } },
});

/** A weight. */
export const weight = (name: string, shape: Shape) => ({
  name,
  op: "Const",
  attr: { dtype: float, value: { tensor: { dtype: "DT_FLOAT", tensorShape: sizes(shape) } } },
});

/** A node that computes. */
export const operation = (op: string, name: string, ...input: readonly string[]) => ({
  ...{ name, op, input },
  attr: { T: float },
});

/**
 * Loads a graph.
 *
 * @param weights elements of the weights by name
 */
export function loadGraph(
  node: readonly { readonly name: string; readonly op: string }[],
  weights: Readonly<Record<string, tf.Tensor>> = {},
): Promise<tf.GraphModel> {
  const weightSpecs = Object.entries(weights).map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
  const data = Object.values(weights).flatMap((tensor) => [...tensor.dataSync()]);
  const weightData = Float32Array.from(data).buffer;
  const modelTopology = { node, library: {}, versions: { producer: 716 } };
  const artifacts = { modelTopology, weightSpecs, weightData, format: "graph-model" };
  return tf.loadGraphModel(tf.io.fromMemory(artifacts as tf.io.ModelArtifacts));
}
