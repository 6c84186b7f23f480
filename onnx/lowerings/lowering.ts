/**
 * The type of a lowering, and the border at which a recorded kernel's inputs and attributes get their types.
 *
 * @module
 */
import type { Attributes, Kernel, Value, ValueType } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";

/** Turns one kind of kernel into ONNX. */
export interface Lowering {
  /** Adds the ONNX nodes of `kernel` and defines its outputs. */
  lower(kernel: Kernel, scope: LayoutScope): void;
}

/** The lowering of a kernel that a traced function can call. */
export interface KernelLowering extends Lowering {
  /** Infers the type of the result, or the types of a list of results. */
  infer(inputs: Readonly<Record<string, Value>>, attributes: Attributes): ValueType | readonly ValueType[];
}

/** A kernel's inputs as TensorFlow.js declares them (`Conv2DInputs`, ...), with traced values in place of its tensors. */
export type Values<Inputs> = { readonly [Key in keyof Inputs]: Value };

/** One call of a kernel, with the types that TensorFlow.js declares for it. */
export interface Call<Inputs, Attributes> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly attributes: Attributes;
  /** The only output, or the first of a list. */
  readonly output: Value;
  readonly outputs: readonly Value[];
}

type Lower<Inputs, Attributes> = (call: Call<Inputs, Attributes>, scope: LayoutScope) => void;

/** The two functions of a lowering, typed. */
export interface Typed<Inputs, Attributes> {
  infer(inputs: Inputs, attributes: Attributes): ValueType | readonly ValueType[];
  lower(call: Call<Inputs, Attributes>, scope: LayoutScope): void;
}

/**
 * Makes a lowering of a kernel whose inputs have names, such as `lowering<Conv2DInputs, Conv2DAttrs>({ infer, lower })`.
 * Both types are those that `@tensorflow/tfjs` exports under the kernel's name.
 */
export const lowering = <Inputs, Attributes = unknown>(typed: Typed<Values<Inputs>, Attributes>): KernelLowering =>
  bind(typed, asNamed<Values<Inputs>>);

/** Makes a lowering of a kernel that takes a list of inputs, such as `listLowering<ConcatAttrs>({ infer, lower })`. */
export const listLowering = <Attributes = unknown>(typed: Typed<readonly Value[], Attributes>): KernelLowering =>
  bind(typed, asList);

/** Makes a lowering of a kernel that only a pass puts into a graph: the pass gives the type of the result. */
export const fusedLowering = <Inputs, Attributes = unknown>(lower: Lower<Values<Inputs>, Attributes>): Lowering => ({
  lower: bindLower(lower, asNamed<Values<Inputs>>),
});

const asNamed = <Inputs>(inputs: Kernel["inputs"]) => inputs as Inputs;
// TensorFlow.js passes a list as an object with the keys 0, 1, ...
const asList = (inputs: Kernel["inputs"]): readonly Value[] => Object.values(inputs);

function bind<Inputs, Attributes>(
  { infer, lower }: Typed<Inputs, Attributes>,
  inputsOf: (inputs: Kernel["inputs"]) => Inputs,
): KernelLowering {
  return {
    infer(inputs, attributes) {
      const types = infer(inputsOf(inputs), attributes as Attributes);
      return isList(types) ? types.map(typeOnly) : typeOnly(types);
    },
    lower: bindLower(lower, inputsOf),
  };
}

const bindLower = <Inputs, Attributes>(
  lower: Lower<Inputs, Attributes>,
  inputsOf: (inputs: Kernel["inputs"]) => Inputs,
): Lowering["lower"] =>
({ name, inputs, attributes, outputs }, scope) =>
  lower({ name, inputs: inputsOf(inputs), attributes: attributes as Attributes, output: outputs[0]!, outputs }, scope);

const isList = (types: ValueType | readonly ValueType[]): types is readonly ValueType[] => Array.isArray(types);

/** Keeps shape and type: a result that has the type of a constant input is no constant. */
const typeOnly = ({ shape, dtype }: ValueType): ValueType => ({ shape, dtype });
