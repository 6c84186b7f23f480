/**
 * Makes the lowerings of element-wise kernels of numbers. TensorFlow.js computes them in doubles and stores the results in
 * a typed array. Here float32 is computed as float32, and the other types as float64, or as int32 where that is exact. The
 * results are stored as typed arrays do.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { DataType, Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import { broadcast, defineElementwise } from "./elementwise_lowering.ts";
import { type Call, type KernelLowering, lowering } from "./lowering.ts";
import { callersOf } from "../trace/tensorflow_kernels.ts";

type NumberType = "float32" | "float64" | "int32";

/** Adds nodes on numbers of one type. */
export class Numbers {
  constructor(readonly builder: ModelBuilder, readonly dtype: NumberType) {}

  /** Adds a node. */
  node(operator: string, ...inputs: Name[]): Name {
    return this.builder.node(operator, inputs);
  }

  /** A constant number. */
  scalar(x: number): Name {
    return this.builder.scalar(x, this.dtype);
  }

  /** Converts a value to these numbers. */
  from(x: Name, dtype: DataType | "float64"): Name {
    return dtype === this.dtype ? x : this.builder.node("Cast", [x], { to: elementType[this.dtype] });
  }

  /** Converts numbers to the type in which TensorFlow.js stores them. */
  to(x: Name, dtype: DataType): Name {
    if (dtype === this.dtype) return x;
    const number = dtype === "float32" || this.dtype === "int32" ? x : this.#toInt32(x);
    return number !== x && dtype === "int32" ? number : this.builder.node("Cast", [number], { to: elementType[dtype] });
  }

  /** The remainder with the sign of the dividend. */
  remainder(dividend: Name, divisor: Name): Name {
    return this.builder.node("Mod", [dividend, divisor], { fmod: 1 });
  }

  /** Converts as an Int32Array does: drops the fraction, wraps modulo 2^32; infinities and NaN become 0. */
  #toInt32(x: Name): Name {
    const wrapped = this.remainder(x, this.scalar(2 ** 32));
    const finite = this.node("Where", this.node("IsNaN", wrapped), this.scalar(0), wrapped);
    const whole = this.builder.node("Cast", [finite], { to: elementType.int64 });
    return this.builder.node("Cast", [whole], { to: elementType.int32 });
  }
}

/**
 * Converts elements as a typed array of the new type stores them.
 *
 * @throws {TraceError} if that makes booleans other than 0 and 1
 */
export function stored(builder: ModelBuilder, x: Name, from: DataType, to: DataType): Name {
  if (from === to) return x;
  if (to === "bool") {
    throw new TraceError(`tensors of ${from} and bool are joined to bool; cast them to one type first`);
  }
  return new Numbers(builder, from === "float32" ? "float32" : "int32").to(
    from === "bool" ? toInteger(builder, x) : x,
    to,
  );
}

const toInteger = (builder: ModelBuilder, x: Name) => builder.node("Cast", [x], { to: elementType.int32 });

type Named<Key extends string, T> = Readonly<Record<Key, T>>;

/** Adds the nodes of a kernel; the operands have the type of `numbers`. */
type Emit<Key extends string, Attributes> = (
  numbers: Numbers,
  operands: Named<Key, Name>,
  attributes: Attributes,
  inputs: Named<Key, Value>,
) => Name;

interface Options {
  /** The type of the result, where it is not that of the first input. `bool` means that the nodes themselves make booleans. */
  readonly result?: DataType;
  /** How to compute int32 and bool; `exact` where int32 needs no doubles. Default: doubles. */
  readonly integers?: "doubles" | "exact";
  /** Computes float32 as float64 too, where float32 would round to another result. */
  readonly inDoubles?: boolean;
}

/**
 * Makes the lowering of an element-wise kernel of numbers.
 *
 * @param keys the inputs, in TensorFlow.js's order
 */
export const numeric = <Key extends string, Attributes = unknown>(
  keys: readonly Key[],
  emit: Emit<Key, Attributes>,
  options: Options = {},
): KernelLowering =>
  lowering<Named<Key, Value>, Attributes>({
    infer: (inputs) => ({
      shape: broadcast(keys.map((key) => inputs[key])),
      dtype: options.result ?? inputs[keys[0]!].dtype,
    }),
    lower(call, scope) {
      const { inputs, attributes, output } = call;
      if (!options.result && output.dtype === "bool") requireBooleans(keys, call);
      const numbers = new Numbers(scope.builder, numberType(keys.map((key) => inputs[key].dtype), options));
      defineElementwise(scope, keys, inputs, output, (operands) => {
        const converted = Object.fromEntries(keys.map((key) => [key, numbers.from(operands[key], inputs[key].dtype)]));
        const made = emit(numbers, converted as Named<Key, Name>, attributes, inputs);
        return options.result === "bool" ? made : numbers.to(made, output.dtype);
      });
    },
  });

/** Makes the lowering of a kernel of one number that is one ONNX operator. */
export const numericUnary = (operator: string, options?: Options) =>
  numeric(["x"], (numbers, { x }) => numbers.node(operator, x), options);

/** Makes the lowering of a kernel of two numbers that is one ONNX operator. */
export const numericBinary = (operator: string, options?: Options) =>
  numeric(["a", "b"], (numbers, { a, b }) => numbers.node(operator, a, b), options);

function numberType(types: readonly DataType[], { integers = "doubles", inDoubles = false }: Options): NumberType {
  if (inDoubles) return "float64";
  if (types.every((dtype) => dtype === "float32")) return "float32";
  return integers === "exact" && !types.includes("float32") ? "int32" : "float64";
}

/** Asserts that a kernel makes booleans of booleans: TensorFlow.js keeps other bytes too, and ONNX cannot. */
function requireBooleans<Key extends string, Attributes>(
  keys: readonly Key[],
  { name, attributes }: Call<Named<Key, Value>, Attributes>,
): void {
  if (runOnBooleans(name, keys, attributes as tf.NamedAttrMap).every((byte) => byte <= 1)) return;
  throw new TraceError(
    `${callersOf(name)} of bool makes numbers other than 0 and 1; cast its inputs to int32 or float32`,
  );
}

/** Runs a kernel of one input, or of two, on false and true, or on all pairs of them. */
function runOnBooleans(name: string, keys: readonly string[], attributes: tf.NamedAttrMap): Uint8Array {
  const backend = tf.findBackend("cpu") as tf.KernelBackend;
  const inputs = keys.map((_, at) => {
    const shape = at === 0 ? [2] : [2, 1];
    return { dataId: backend.write(Uint8Array.of(0, 1), shape, "bool"), shape, dtype: "bool" as const };
  });
  const named = Object.fromEntries(keys.map((key, at) => [key, inputs[at]!]));
  const output = tf.getKernel(name, "cpu").kernelFunc({ inputs: named, attrs: attributes, backend }) as tf.TensorInfo;
  const bytes = Uint8Array.from(backend.readSync(output.dataId) as Uint8Array);
  for (const { dataId } of [...inputs, output]) backend.disposeData(dataId);
  return bytes;
}
