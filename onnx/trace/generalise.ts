/**
 * Joins two traces of one function, at two sizes of its dynamic dimensions, into one graph for any size. Dimensions that
 * differ between the traces are dynamic.
 *
 * @module
 */
import { type Attributes, DYNAMIC, type Graph, type Kernel, type Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";

/** Attributes that may differ along a dynamic dimension, and when: a new shape always, the size of a slice to the end. */
const isSizeOfGradient = ({ inputs, attributes }: Kernel, axis: number) =>
  (attributes["inputShape"] as number[])[axis] === inputs["dy"]!.shape[axis];

const mayDiffer: Readonly<Record<string, (kernel: Kernel, axis: number) => boolean>> = {
  "Conv2DBackpropInput.inputShape": isSizeOfGradient,
  "Conv3DBackpropInputV2.inputShape": isSizeOfGradient,
  "DepthwiseConv2dNativeBackpropInput.inputShape": isSizeOfGradient,
  "Reshape.shape": () => true,
  "Slice.size": ({ inputs, attributes }, axis) => {
    const [begin, size] = [attributes["begin"], attributes["size"]] as [number[], number[]];
    return begin[axis]! + size[axis]! === inputs["x"]!.shape[axis];
  },
};

/**
 * @param first the trace at one size
 * @param second the trace of the same function at another size
 * @throws {TraceError} if anything but a shape differs
 */
export function generalise(first: Graph, second: Graph): Graph {
  if (first.kernels.length !== second.kernels.length) {
    throw differentKernels();
  }
  const joined = new Map<Value, Value>();
  const join = (a: Value, b: Value): Value => {
    const known = joined.get(a);
    if (known) return known;
    if (a.constant && !sameElements(a.constant, b.constant)) {
      throw new TraceError("a constant depends on a dynamic dimension; compute it from tensors or fix the dimension");
    }
    const value = { ...a, shape: joinShapes(a.shape, b.shape) };
    joined.set(a, value);
    return value;
  };
  const joinAll = (a: Readonly<Record<string, Value>>, b: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(a).map(([key, value]) => [key, join(value, b[key]!)]));
  const inputs = joinAll(first.inputs, second.inputs);
  const kernels = first.kernels.map((a, at): Kernel => {
    const b = second.kernels[at]!;
    if (a.name !== b.name || a.outputs.length !== b.outputs.length) throw differentKernels();
    return {
      ...a,
      inputs: joinAll(a.inputs, b.inputs),
      attributes: joinAttributes(a, b),
      outputs: a.outputs.map((value, index) => join(value, b.outputs[index]!)),
    };
  });
  return { inputs, kernels, outputs: joinAll(first.outputs, second.outputs) };
}

const joinShapes = (a: readonly number[], b: readonly number[]) =>
  a.map((size, axis) => size === b[axis] ? size : DYNAMIC);

function joinAttributes(a: Kernel, b: Kernel): Attributes {
  const joined: Record<string, unknown> = { ...a.attributes };
  for (const [key, value] of Object.entries(a.attributes)) {
    const other = b.attributes[key];
    if (JSON.stringify(value) === JSON.stringify(other)) continue;
    if (!Array.isArray(value)) throw dynamic(a, key);
    const allowed = mayDiffer[`${a.name}.${key}`];
    joined[key] = (value as number[]).map((size, axis) => {
      if (size === (other as number[])[axis]) return size;
      if (allowed?.(a, axis) && allowed(b, axis)) return DYNAMIC;
      throw dynamic(a, key);
    });
  }
  return joined;
}

const sameElements = (a: ArrayLike<number>, b: ArrayLike<number> | undefined) =>
  a.length === b?.length && Array.prototype.every.call(a, (x, at) => Object.is(x, b[at]));

const differentKernels = () =>
  new TraceError("a traced function runs other kernels at another size of a dynamic dimension; fix the dimension");

const dynamic = ({ name }: Kernel, attribute: string) =>
  new TraceError(`attribute ${attribute} of kernel ${name} depends on a dynamic dimension; fix the dimension`);
