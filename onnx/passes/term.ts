/**
 * Terms: the right sides of rules. A term is a value of the graph, or a call of a kernel on terms.
 *
 * @module
 */
import { broadcast_util } from "@tensorflow/tfjs";
import type { Attributes, Value, ValueType } from "../graph/graph.ts";

/** A value to compute, as a tree. */
export type Term = Value | Call;

/** A kernel of one output, whose type the call carries. */
export interface Call extends ValueType {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Term>>;
  readonly attributes: Attributes;
}

/** Calls a kernel; inputs that are `undefined` are left out. */
export function call(
  kernel: string,
  inputs: Readonly<Record<string, Term | undefined>>,
  { shape, dtype }: ValueType,
  attributes: Attributes = {},
): Call {
  const given = Object.entries(inputs).filter((entry): entry is [string, Term] => entry[1] !== undefined);
  return { kernel, inputs: Object.fromEntries(given), attributes, shape, dtype };
}

/** Calls a kernel of two operands that broadcast. */
export function combine(kernel: "Add" | "Multiply", a: Term, b: Term): Call {
  const shape = broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  return call(kernel, { a, b }, { shape, dtype: a.dtype });
}

export const isCall = (term: Term): term is Call => "kernel" in term;
