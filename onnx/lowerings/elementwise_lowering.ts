/**
 * Makes the lowerings of element-wise kernels: `unary("Tanh")` for a kernel that is one ONNX operator, `elementwise` for one
 * that is several or has several inputs. `number_lowering.ts` has those of kernels that take several types.
 *
 * @module
 */
import { broadcast_util } from "@tensorflow/tfjs";
import type { DataType, Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import type { Name } from "../file/encode.ts";

/** One thing for every input of a kernel. */
type Named<Key extends string, T> = Readonly<Record<Key, T>>;

/** Adds the nodes of a kernel whose operands, by their keys, are in one layout. The result is in that layout. */
type Emit<Key extends string> = (builder: ModelBuilder, operands: Named<Key, Name>) => Name;

/**
 * Makes the lowering of an element-wise kernel.
 *
 * @param keys the inputs, in TensorFlow.js's order
 * @param dtype the result's type; default: the type of the last input
 */
export const elementwise = <Key extends string>(
  keys: readonly Key[],
  emit: Emit<Key>,
  dtype?: DataType,
): KernelLowering =>
  lowering<Named<Key, Value>>({
    infer: (inputs) => ({
      shape: broadcast(keys.map((key) => inputs[key])),
      dtype: dtype ?? inputs[keys.at(-1)!].dtype,
    }),
    lower({ inputs, output }, scope) {
      defineElementwise(scope, keys, inputs, output, (operands) => emit(scope.builder, operands));
    },
  });

/** Defines `output` in the layout that its operands prefer, by the name that `emit` returns for their names there. */
export function defineElementwise<Key extends string>(
  scope: LayoutScope,
  keys: readonly Key[],
  inputs: Named<Key, Value>,
  output: Value,
  emit: (operands: Named<Key, Name>) => Name,
): void {
  const layout = scope.preferredLayout(keys.map((key) => inputs[key]));
  const operands = Object.fromEntries(keys.map((key) => [key, scope.name(inputs[key], layout)]));
  scope.define(output, emit(operands as Named<Key, Name>), layout);
}

/** Computes the shape to which values broadcast. */
export const broadcast = (values: readonly Value[]): number[] =>
  values.reduce<number[]>((a, { shape }) => broadcast_util.assertAndGetBroadcastShape(a, [...shape]), []);

/** A kernel of one input that is one ONNX operator. */
export const unary = (operator: string) => elementwise(["x"], (builder, { x }) => builder.node(operator, [x]));
