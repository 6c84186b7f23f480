/** Runs a traced graph, kernel by kernel, on TensorFlow.js's CPU backend: `await useCpu()` first. */
import * as tf from "@tensorflow/tfjs";
import type { Graph, Kernel, Value } from "../../onnx/internal.ts";

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** Kernels that only passes make, in terms of TensorFlow.js's own. */
const formulas: Readonly<Record<string, (inputs: Inputs, attributes: Kernel["attributes"]) => tf.Tensor>> = {
  GroupedConv2D({ x, filter }, attributes) {
    const { groups, ...rest } = attributes as { groups: number };
    const filters = tf.split(filter!, groups, 3);
    return tf.concat(tf.split(x!, groups, 3).map((x, at) => run("Conv2D", { x, filter: filters[at]! }, rest)[0]!), 3);
  },
  ScaleShift({ x, scale, shift, addend }, { relu }) {
    const y = tf.add(tf.add(tf.mul(x!, scale ?? 1), shift ?? 0), addend ?? 0);
    return relu ? tf.relu(y) : y;
  },
  SumOfConv2DBackpropInput(inputs, attributes) {
    const gradients = Object.keys(inputs).filter((key) => key.startsWith("dy")).map((key) => {
      const filter = inputs[key.replace("dy", "filter")]!;
      return run("Conv2DBackpropInput", { dy: inputs[key]!, filter }, attributes)[0]!;
    });
    return tf.addN(gradients);
  },
  SumOfProducts: ({ a, b }) => tf.sum(tf.mul(a!, b!), [1, 2], true),
};

/** Computes the outputs of a graph from its inputs. */
export function evaluateGraph(graph: Graph, inputs: Inputs): Record<string, tf.Tensor> {
  const tensors = new Map<Value, tf.Tensor>(
    Object.entries(graph.inputs).map(([name, value]) => [value, inputs[name]!]),
  );
  const tensorOf = (value: Value): tf.Tensor => {
    const { constant, shape, dtype } = value;
    return constant ? tf.tensor(constant, [...shape], dtype) : tensors.get(value)!;
  };
  const all = (values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, tensorOf(value)]));
  for (const { name, inputs, attributes, outputs } of graph.kernels) {
    const formula = formulas[name];
    const results = formula ? [formula(all(inputs), attributes)] : run(name, all(inputs), attributes);
    outputs.forEach((value, at) => tensors.set(value, results[at]!));
  }
  return all(graph.outputs);
}

/** Runs a kernel of TensorFlow.js; a list of inputs has the keys 0, 1, 2... */
function run(name: string, inputs: Inputs, attributes: Kernel["attributes"]): tf.Tensor[] {
  const operands = "0" in inputs ? Object.values(inputs) as unknown as tf.NamedTensorMap : { ...inputs };
  return [tf.engine().runKernel(name, operands, attributes as tf.NamedAttrMap)].flat() as tf.Tensor[];
}
