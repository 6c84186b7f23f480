/**
 * Kernels that order numbers.
 *
 * @module
 */
import type { SearchSortedAttrs, SearchSortedInputs, TopKAttrs, TopKInputs } from "@tensorflow/tfjs";
import { type DataType, isDynamic, type Value } from "../graph/graph.ts";
import { type ElementName, elementType, type Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { type Range, slice } from "./move_elements.ts";

/** The first of equal numbers comes first, in ONNX as in TensorFlow.js. The result is sorted, though it need not be. */
const topK = lowering<TopKInputs, TopKAttrs>({
  infer({ x: { shape, dtype } }, { k }) {
    const kept = shape.with(-1, k);
    return [{ shape: kept, dtype }, { shape: kept, dtype: "int32" }];
  },
  lower({ inputs: { x }, attributes: { k }, outputs: [values, indices] }, scope) {
    const { builder } = scope, isBool = x.dtype === "bool";
    const cast = (name: string, to: ElementName) => builder.node("Cast", [name], { to: elementType[to] });
    const numbers = isBool ? cast(scope.name(x), "uint8") : scope.name(x);
    const growing = x.shape.slice(0, -1).flatMap((size, axis) => isDynamic(size) || size === 0 ? [axis] : []);
    const padded = grow(scope, numbers, x, growing);
    const results = builder.nodes("TopK", [padded, scope.sizes.list([k])], { axis: -1 }, 2);
    const ranges = growing.map((axis): Range => ({ axis, begin: 0, end: -1 }));
    const [greatest, places] = results.map((name) => slice(scope, name, ranges));
    scope.define(values!, isBool ? cast(greatest!, "bool") : greatest!);
    scope.define(indices!, cast(places!, "int32"));
  },
});

/** Adds a row to axes that may have none: onnxruntime's `TopK` crashes there. */
function grow({ builder }: LayoutScope, name: Name, { shape }: Value, axes: readonly number[]): Name {
  if (axes.length === 0) return name;
  const after = shape.map((_, axis) => axes.includes(axis) ? 1 : 0);
  return builder.node("Pad", [name, builder.integers([...shape.map(() => 0), ...after])]);
}

/** The type in which numbers of two types are compared. */
const commonType = (a: DataType, b: DataType): ElementName => {
  if (a === b) return a === "bool" ? "int32" : a;
  return "float64";
};

/** Counts, for every value, the members of its sorted sequence that lie before it: for side left, those below it. */
const searchSorted = lowering<SearchSortedInputs, SearchSortedAttrs>({
  infer: ({ values: { shape } }) => ({ shape, dtype: "int32" }),
  lower({ inputs: { sortedSequence, values }, attributes: { side }, output }, scope) {
    const { builder } = scope, type = commonType(sortedSequence.dtype, values.dtype);
    const [members, wanted] = [sortedSequence, values].map((value, at) => {
      const name = scope.name(value), to = elementType[type];
      const numbers = value.dtype === type ? name : builder.node("Cast", [name], { to });
      return builder.node("Unsqueeze", [numbers, builder.integers([at === 0 ? -2 : -1])]);
    });
    const isBefore = builder.node(side === "left" ? "Less" : "LessOrEqual", [members!, wanted!]);
    const ones = builder.node("Cast", [isBefore], { to: elementType.int32 });
    scope.define(output, builder.node("ReduceSum", [ones, builder.integers([2])], { keepdims: 0 }));
  },
});

export const orderLowerings = {
  SearchSorted: searchSorted,
  TopK: topK,
} satisfies Record<string, KernelLowering>;
