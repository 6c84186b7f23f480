/**
 * Prints a graph, one line for each kernel:
 *
 *     %3 = Conv2D(%x, %filter) {strides: 2} [?, 6, 5, 4]
 *
 * Results are numbered, inputs have their names, and constants are their number or `const [shape]`. A dimension that is known
 * only when the graph runs is `?`; the element type stands behind the shape where it is not float32. Attributes that have
 * their default, or that repeat the type of the result, are left out.
 *
 * @module
 */
import { exactJson } from "./exact_json.ts";
import { type Graph, isDynamic, type Kernel, type Value, type ValueType } from "./graph.ts";

/** Values of attributes that say nothing. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  alpha: [0],
  constantValue: [0],
  dataFormat: ["NHWC"],
  dilations: [1, [1, 1]],
  pad: ["same"],
  strides: [1, [1, 1]],
};

/** Inputs that a kernel may lack, so that their position does not identify them. */
const OPTIONAL_INPUTS: readonly string[] = ["scale", "shift", "addend"];

/** Prints the inputs, the kernels and the outputs of a graph as lines of text. */
export function formatGraph({ inputs, outputs, kernels }: Graph): string {
  const names = new Map<Value, string>(Object.entries(inputs).map(([name, value]) => [value, `%${name}`]));
  for (const value of kernels.flatMap(({ outputs }) => outputs)) {
    if (!names.has(value)) names.set(value, `%${names.size - Object.keys(inputs).length}`);
  }
  const nameOf = (value: Value) => names.get(value) ?? formatConstant(value);
  return [
    ...Object.entries(inputs).map(([name, value]) => `input %${name} ${formatType(value)}`),
    ...kernels.map((kernel) => formatKernel(kernel, nameOf)),
    ...Object.entries(outputs).map(([name, value]) => `output ${name} = ${nameOf(value)} ${formatType(value)}`),
  ].join("\n");
}

function formatKernel({ name, inputs, attributes, outputs }: Kernel, nameOf: (value: Value) => string): string {
  const operands = Object.entries(inputs).map(([key, value]) =>
    OPTIONAL_INPUTS.includes(key) ? `${key}: ${nameOf(value)}` : nameOf(value)
  );
  const told = Object.entries(attributes).filter(([key, value]) => isTelling(key, value, outputs[0]!));
  const braces = told.length ? ` {${told.map(([key, value]) => formatAttribute(key, value)).join(", ")}}` : "";
  return `${outputs.map(nameOf).join(", ")} = ${name}(${operands.join(", ")})${braces} ${
    outputs.map(formatType).join(", ")
  }`;
}

function isTelling(key: string, value: unknown, { shape, dtype }: ValueType): boolean {
  if (value === undefined || value === null || value === false) return false;
  const expected = [...DEFAULTS[key] ?? [], shape, ...key === "dtype" ? [dtype] : []];
  return !expected.some((one) => exactJson(one) === exactJson(value));
}

const formatAttribute = (key: string, value: unknown): string => value === true ? key : `${key}: ${formatList(value)}`;

const formatList = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(formatList).join(", ")}]` : `${value}`;

const formatConstant = (value: Value): string =>
  value.constant?.length === 1 ? `${value.constant[0]}` : `const ${formatType(value)}`;

function formatType({ shape, dtype }: ValueType): string {
  const dimensions = shape.map((size) => isDynamic(size) ? "?" : size);
  return `[${dimensions.join(", ")}]${dtype === "float32" ? "" : ` ${dtype}`}`;
}
