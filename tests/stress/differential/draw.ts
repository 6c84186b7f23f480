import type { DataType, HostArray } from "../../../onnx/graph/graph.ts";
import type { SpecialValues } from "../../../onnx/lowerings/layout_scope.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import type { Dim, Input } from "./input.ts";

/** Numbers that break formulas. */
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1];

/** Limits of the drawn numbers. */
export interface Elements {
  readonly from?: number;
  readonly to?: number;
  /** Default: whole numbers are drawn for int32 and bool only. */
  readonly whole?: boolean;
  /** Default: one tensor in eight holds NaN, infinities and zeros. */
  readonly special?: boolean;
  /** The numbers of such tensors. */
  readonly specials?: readonly number[];
}

/** Finite numbers and fast special values, or a mixture of NaN, infinities and ties that a model treats exactly. */
export interface DrawnSpecials {
  readonly specialValues: SpecialValues;
  readonly limits: Elements;
}

/** Limits of a drawn size. */
export interface Sizes {
  readonly min?: number;
  readonly max?: number;
}

/** Draws the parts of a call from a seed. */
export class Draw {
  readonly #next: () => number;
  readonly #isDynamic: boolean;
  readonly #unknown = new Map<string, Required<Sizes>>();

  /** @param word makes other numbers of the same seed */
  constructor(seed: number, word = "") {
    this.#next = uniformNumbers(
      [...word].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), seed * 7919),
    );
    this.#isDynamic = this.chance(0.4);
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  number(from: number, to: number): number {
    return from + this.#next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  oneOf<const T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** Some of the items, in their order; perhaps none. */
  someOf<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(0.5));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.integer(0, left.length - 1), 1)[0]!);
  }

  /** A known size: seldom 0, often 1. */
  size({ min = 0, max = 5 }: Sizes = {}): number {
    if (this.chance(0.15)) return Math.max(min, 1);
    return this.integer(Math.max(min, this.chance(0.1) ? 0 : 1), max);
  }

  /** A size that may be unknown while tracing. */
  dim({ min = 0, max = 5 }: Sizes = {}): Dim {
    return this.#isDynamic && this.chance(0.5) ? this.unknown({ min, max }) : this.size({ min, max });
  }

  /** A size that is unknown while tracing. */
  unknown({ min = 0, max = 5 }: Sizes = {}): Dim {
    const name = `n${this.#unknown.size}`;
    this.#unknown.set(name, { min, max: max + 3 });
    return name;
  }

  shape({ rank = [0, 4], ...sizes }: Sizes & { readonly rank?: readonly [number, number] } = {}): Dim[] {
    return Array.from({ length: this.integer(...rank) }, () => this.dim(sizes));
  }

  /** A shape that broadcasts to `shape`: leading dimensions are missing, others are 1. */
  broadcastable(shape: readonly Dim[]): Dim[] {
    const kept = this.chance(0.6) ? shape : shape.slice(this.integer(0, shape.length));
    return kept.map((dim) => this.chance(0.2) ? 1 : dim);
  }

  dtype(): DataType {
    return this.oneOf(["float32", "float32", "float32", "int32", "bool"]);
  }

  axis(shape: readonly unknown[]): number {
    const axis = this.integer(0, shape.length - 1);
    return this.chance(0.3) ? axis - shape.length : axis;
  }

  /** Axes to reduce: all of them by default, one, or a list. */
  axes(shape: readonly unknown[]): number | number[] | undefined {
    if (this.chance(0.2)) return undefined;
    if (shape.length > 0 && this.chance(0.3)) return this.axis(shape);
    const axes = this.shuffled(this.someOf(shape.map((_, axis) => axis)));
    return axes.map((axis) => this.chance(0.2) ? axis - shape.length : axis);
  }

  /** Draws special numbers for functions that treat them as TensorFlow.js does with exact special values only. */
  specials(): DrawnSpecials {
    const isExact = this.chance(0.5);
    return { specialValues: isExact ? "exact" : "fast", limits: { special: isExact, whole: isExact } };
  }

  input(shape: readonly Dim[], dtype: DataType = "float32", limits: Elements = {}): Input {
    const isSpecial = limits.special ?? this.chance(0.125);
    return { shape, dtype, elements: (count) => this.#elements(count, dtype, { ...limits, special: isSpecial }) };
  }

  #elements(
    count: number,
    dtype: DataType,
    { from = -3, to = 3, whole = false, special, specials = SPECIAL }: Elements,
  ): HostArray {
    if (dtype === "bool") return Uint8Array.from({ length: count }, () => this.integer(0, 1));
    if (dtype === "int32") {
      return Int32Array.from({ length: count }, () => this.integer(Math.ceil(from), Math.floor(to)));
    }
    return Float32Array.from({ length: count }, () => {
      if (special && this.chance(0.3)) return this.oneOf(specials);
      return whole ? this.integer(Math.ceil(from), Math.floor(to)) : this.number(from, to);
    });
  }

  /** Sizes for the names that were drawn. */
  sizes(): Record<string, number> {
    return Object.fromEntries(
      [...this.#unknown].map((
        [name, { min, max }],
      ) => [name, this.chance(0.05) ? min : this.integer(Math.max(min, 1), max)]),
    );
  }

  /** True if a size of the call is unknown while tracing. */
  get hasUnknown(): boolean {
    return this.#unknown.size > 0;
  }
}
