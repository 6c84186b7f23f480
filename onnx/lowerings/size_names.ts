/**
 * Sizes that are known only when the graph runs, as ONNX values: lists of int64, as shapes, pads and slices take them.
 *
 * @module
 */
import { type DynamicSize, isDynamic, type SizeFormula } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";

/** A number, or the name of a list of one. */
export type Size = number | Name;

export class SizeNames {
  /** A value that has the size, and the axis where. */
  readonly #sources = new Map<number, { readonly name: Name; readonly axis: number }>();

  constructor(readonly builder: ModelBuilder, readonly sizes: readonly DynamicSize[]) {}

  /** Records that a value of the ONNX graph has an unknown size. */
  addSource(size: number, name: Name, axis: number): void {
    if (!this.#sources.has(size)) this.#sources.set(size, { name, axis });
  }

  /** The sizes that a size has in the traces, or itself. */
  samples(size: number): readonly number[] {
    return isDynamic(size) ? this.sizes[-1 - size]!.samples : [size];
  }

  /** The size as a number, or as the name of a list of one. */
  of(size: number): Size {
    if (!isDynamic(size)) return size;
    const source = this.#sources.get(size);
    if (source) {
      const shape = this.builder.node("Shape", [source.name]);
      return this.builder.node("Gather", [shape, this.builder.integers([source.axis])], { axis: 0 });
    }
    const { formula } = this.sizes[-1 - size]!;
    if (!formula) {
      throw new TraceError("a size cannot be computed from those of the inputs; fix the dynamic dimensions");
    }
    return this.#evaluate(formula);
  }

  /** The names of whole sizes as one list. */
  list(sizes: readonly Size[]): Name {
    const parts: Name[] = [];
    let known: number[] = [];
    const flush = () => {
      if (known.length > 0) parts.push(this.builder.integers(known));
      known = [];
    };
    for (const size of sizes.map((size) => typeof size === "number" ? this.of(size) : size)) {
      if (typeof size === "number") known.push(size);
      else {
        flush();
        parts.push(size);
      }
    }
    if (parts.length === 0) return this.builder.integers(known);
    flush();
    return parts.length === 1 ? parts[0]! : this.builder.node("Concat", parts, { axis: 0 });
  }

  /** Joins numbers of any sign, and names. */
  numbers(numbers: readonly Size[]): Name {
    if (numbers.length === 0) return this.builder.integers([]);
    return this.list(numbers.map((number) => typeof number === "number" && number < 0 ? this.#name(number) : number));
  }

  add = (a: Size, b: Size): Size => this.#combine("Add", a, b, (a, b) => a + b);
  subtract = (a: Size, b: Size): Size => this.#combine("Sub", a, b, (a, b) => a - b);
  multiply = (a: Size, b: Size): Size => this.#combine("Mul", a, b, (a, b) => a * b);
  /** Rounds down, for numbers >= 0. */
  divide = (a: Size, b: Size): Size => this.#combine("Div", a, b, (a, b) => Math.floor(a / b));
  larger = (a: Size, b: Size): Size => this.#combine("Max", a, b, Math.max);

  /** The number of a formula, of any sizes, as a float32 of rank 0. */
  number({ factor, sizes, offset, divisor, inverse }: SizeFormula): Name {
    const { builder } = this, zero = builder.integer(0);
    const product = this.#name(sizes.map((size) => this.of(size)).reduce(this.multiply, 1));
    const count = builder.node("Cast", [builder.node("Gather", [product, zero])], { to: elementType.float32 });
    if (inverse) return builder.node("Div", [builder.scalar(factor), count]);
    const scaled = builder.node("Add", [builder.node("Mul", [count, builder.scalar(factor)]), builder.scalar(offset)]);
    return builder.node("Div", [scaled, builder.scalar(divisor)]);
  }

  #evaluate({ factor, sizes, offset, divisor }: SizeFormula): Size {
    const product = sizes.map((size) => this.of(size)).reduce(this.multiply, 1);
    return this.divide(this.add(this.multiply(product, factor), offset), divisor);
  }

  #combine(operator: string, a: Size, b: Size, compute: (a: number, b: number) => number): Size {
    if (typeof a === "number" && typeof b === "number") return compute(a, b);
    const neutral = operator === "Mul" || operator === "Div" ? 1 : 0;
    if (b === neutral && operator !== "Max") return a;
    if (a === neutral && (operator === "Add" || operator === "Mul")) return b;
    return this.builder.node(operator, [this.#name(a), this.#name(b)]);
  }

  #name = (size: Size): Name => typeof size === "number" ? this.builder.integers([size]) : size;
}
