/**
 * Checks, when the model runs, the sizes that tracing found equal. Unchecked, ONNX's operators broadcast some unequal sizes and
 * cut others.
 *
 * @module
 */
import { type Graph, isDynamic, type Value } from "../graph/graph.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import { zeroUnless } from "./runtime_check.ts";

/** An unknown dimension of an input. */
interface Dimension {
  readonly input: Name;
  readonly axis: number;
}

/**
 * Returns the names of inputs that share an unknown size, behind the check of that size. The check of two dimensions is a node
 * called `<input>_dimension_<axis>_must_equal_<input>_dimension_<axis>`, which the error of a runtime names. Whatever reads an
 * input or its size comes after it.
 *
 * @param inputs those whose element type in the model is that of the trace
 */
export function withEqualSizes(builder: ModelBuilder, inputs: Graph["inputs"]): Readonly<Record<string, Name>> {
  const checks = new Map<string, Name[]>();
  for (const [first, ...others] of groups(inputs).values()) {
    for (const other of others) {
      const check = checkedZero(builder, other, first!);
      for (const { input } of [first!, other]) checks.set(input, [...checks.get(input) ?? [], check]);
    }
  }
  return Object.fromEntries(
    [...checks].map(([input, zeros]) => [input, timesOne(builder, input, inputs[input]!, zeros)]),
  );
}

/** Dimensions by their unknown size. */
function groups(inputs: Graph["inputs"]): ReadonlyMap<number, readonly Dimension[]> {
  const found = new Map<number, Dimension[]>();
  for (const [input, { shape }] of Object.entries(inputs)) {
    shape.forEach((size, axis) => {
      if (isDynamic(size)) found.set(size, [...found.get(size) ?? [], { input, axis }]);
    });
  }
  return found;
}

const sizeOf = (builder: ModelBuilder, { input, axis }: Dimension): Name =>
  builder.node("Gather", [builder.node("Shape", [input]), builder.integers([axis])], { axis: 0 });

function checkedZero(builder: ModelBuilder, other: Dimension, first: Dimension): Name {
  const difference = builder.node("Abs", [builder.node("Sub", [sizeOf(builder, other), sizeOf(builder, first)])]);
  const text = ({ input, axis }: Dimension) => `${input}_dimension_${axis}`;
  return zeroUnless(builder, difference, `${text(other)}_must_equal_${text(first)}`);
}

/** An input that cannot be read before its checks. A product with 1 keeps every number, NaN and -0 too. */
function timesOne(builder: ModelBuilder, input: Name, { dtype }: Value, zeros: readonly Name[]): Name {
  const sum = [...zeros, builder.integers([1])].reduce((a, b) => builder.node("Add", [a, b]));
  const one = builder.node("Cast", [sum], { to: elementType[dtype] });
  return builder.node(dtype === "bool" ? "And" : "Mul", [input, one]);
}
