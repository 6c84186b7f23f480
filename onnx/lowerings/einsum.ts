/**
 * The kernel `Einsum`: products of elements of one or two operands, summed over the axes that the result lacks.
 *
 * Two operands become a product of matrices, with the letters of the equation in four groups:
 *
 *     [batch, left, sum] x [batch, sum, right] = [batch, left, right]
 *
 * ONNX has the operator `Einsum` too, but runtimes are slower at it, and onnxruntime crashes at a size of 0.
 *
 * @module
 */
import { backend_util, type EinsumAttrs, type Tensor, util } from "@tensorflow/tfjs";
import { DYNAMIC, isDynamic, type Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { listLowering } from "./lowering.ts";
import { reduce } from "./reduction.ts";
import { joinSizes, sizes } from "./runtime_shape.ts";
import { apartFromTranspose } from "./transposed.ts";

/** A tensor, with a letter for each of its axes. */
interface Term {
  readonly name: Name;
  readonly letters: readonly string[];
}

/** Splits an equation into the letters of its operands and those of the result. */
function parse(equation: string): { terms: string[][]; output: string[] } {
  const [left, right] = equation.replaceAll(/\s/g, "").split("->") as [string, string];
  return { terms: left.split(",").map((term) => [...term]), output: [...right] };
}

/** The value that has an axis of a letter, and which one. */
type Axes = ReadonlyMap<string, { readonly value: Value; readonly axis: number }>;

const axesOf = (operands: readonly Value[], terms: readonly string[][]): Axes =>
  new Map(terms.flatMap((letters, at) => letters.map((letter, axis) => [letter, { value: operands[at]!, axis }])));

/** TensorFlow.js takes one or two operands, in which a letter stands once. */
export const einsum = listLowering<EinsumAttrs>({
  infer(operands, { equation }) {
    const { dtype } = operands[0]!;
    if (dtype === "bool" || operands.some((operand) => operand.dtype !== dtype)) {
      throw new TraceError("tf.einsum of bool or of several types; cast the operands to one type of number");
    }
    const { terms, output } = parse(equation), axes = axesOf(operands, terms);
    // TensorFlow.js leaves the check to the kernel.
    backend_util.checkEinsumDimSizes(...einsumSizes(equation, operands));
    return { shape: output.map((letter) => sizeOf(axes, letter)), dtype };
  },
  lower({ inputs: operands, attributes: { equation }, output: result }, scope) {
    const { terms, output } = parse(equation), axes = axesOf(operands, terms);
    const needed = terms.map((_, at) => new Set([...output, ...terms.toSpliced(at, 1).flat()]));
    const summed = operands.map((value, at) =>
      sumOver(scope, { name: scope.name(value), letters: terms[at]! }, needed[at]!)
    );
    const product = summed.length === 1 ? summed[0]! : multiply(scope, summed as [Term, Term], output, axes);
    scope.define(result, order(scope, product, output));
  },
});

const einsumSizes = (equation: string, operands: readonly Value[]) => {
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  return [allDims.length, idDims, operands.map(({ shape }) => ({ shape: [...shape] })) as unknown as Tensor[]] as const;
};

const sizeOf = (axes: Axes, letter: string): number => {
  const { value, axis } = axes.get(letter)!;
  return value.shape[axis]!;
};

/** Sums over the axes that nothing else needs. */
function sumOver(scope: LayoutScope, { name, letters }: Term, needed: ReadonlySet<string>): Term {
  const over = letters.flatMap((letter, axis) => needed.has(letter) ? [] : [axis]);
  if (over.length === 0) return { name, letters };
  return {
    name: reduce(scope, "ReduceSum", name, over, false),
    letters: letters.filter((letter) => needed.has(letter)),
  };
}

/** Brings the axes into an order. */
function order({ builder }: LayoutScope, { name, letters }: Term, wanted: readonly string[]): Name {
  if (`${letters}` === `${wanted}`) return name;
  return builder.node("Transpose", [name], { perm: wanted.map((letter) => letters.indexOf(letter)) });
}

function multiply(scope: LayoutScope, [a, b]: readonly [Term, Term], output: readonly string[], axes: Axes): Term {
  const batch = output.filter((letter) => a.letters.includes(letter) && b.letters.includes(letter));
  const left = a.letters.filter((letter) => !b.letters.includes(letter));
  const right = b.letters.filter((letter) => !a.letters.includes(letter));
  const sum = a.letters.filter((letter) => b.letters.includes(letter) && !batch.includes(letter));
  const matrix = (term: Term, rows: readonly string[], columns: readonly string[]) =>
    asMatrices(scope, order(scope, term, [...batch, ...rows, ...columns]), { batch, rows, columns, axes });
  const matrices = [matrix(a, left, sum), matrix(b, sum, right)];
  const rank = batch.length + 2;
  const mayBeEmpty = (letters: readonly string[]) =>
    batch.length > 0 && letters.some((letter) => mayBeZero(sizeOf(axes, letter)));
  const operands = matrices.map((name, at) => {
    if (mayBeEmpty(sum)) return grow(scope, name, rank, rank - 1 - at);
    return mayBeEmpty([...left, ...right]) ? apartFromTranspose(scope, name, rank) : name;
  });
  const product = scope.builder.node("MatMul", operands);
  const letters = [...batch, ...left, ...right];
  const isSplit = left.length === 1 && right.length === 1;
  return { name: isSplit ? product : reshape(scope, product, letters.map((letter) => [letter]), axes), letters };
}

const mayBeZero = (size: number) => size === 0 || isDynamic(size);

/** Adds zeros to an axis that is summed. onnxruntime crashes at a product of transposed batches that is a sum of nothing. */
function grow({ builder }: LayoutScope, name: Name, rank: number, axis: number): Name {
  const after = Array.from({ length: rank }, (_, at) => at === axis ? 1 : 0);
  return builder.node("Pad", [name, builder.integers([...Array(rank).fill(0), ...after])]);
}

interface Matrices {
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly axes: Axes;
}

/** Joins the axes of rows, and those of columns. */
function asMatrices(scope: LayoutScope, name: Name, { batch, rows, columns, axes }: Matrices): Name {
  if (rows.length === 1 && columns.length === 1) return name;
  return reshape(scope, name, [...batch.map((letter) => [letter]), rows, columns], axes);
}

/** Reshapes to one axis for each group of letters. */
function reshape(scope: LayoutScope, name: Name, groups: readonly (readonly string[])[], axes: Axes): Name {
  const known = groups.map((letters) => letters.map((letter) => sizeOf(axes, letter)));
  const shape = known.map((all) => all.some(isDynamic) ? DYNAMIC : util.sizeFromShape(all));
  if (!shape.includes(DYNAMIC)) return scope.reshape(name, shape);
  const lists = groups.map((letters, at) => {
    if (shape[at] !== DYNAMIC) return scope.builder.integers([shape[at]!]);
    const parts = letters.map((letter) => axes.get(letter)!).map(({ value, axis }) =>
      sizes(scope, value, axis, axis + 1)
    );
    return reduce(scope, "ReduceProd", joinSizes(scope, parts), [0], true);
  });
  return scope.reshapeToList(name, joinSizes(scope, lists));
}
