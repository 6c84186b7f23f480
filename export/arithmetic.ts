/**
 * Arithmetic as nodes of an ONNX graph.
 *
 * @module
 */
import type { Name } from "../onnx/file/encode.ts";
import type { ModelBuilder } from "../onnx/internal.ts";

/** Adds nodes of arithmetic to a graph; numbers become float32 constants. */
export class Arithmetic {
  constructor(readonly builder: ModelBuilder) {}

  /** Adds an operator on values and numbers. */
  of(operator: string, ...operands: readonly (Name | number)[]): Name {
    return this.builder.node(operator, operands.map((x) => typeof x === "number" ? this.builder.scalar(x) : x));
  }

  /** Rounds to whole numbers of 0 to 255. */
  bytes(x: Name): Name {
    return this.of("Clip", this.of("Round", x), 0, 255);
  }

  /** The numbers first, first + 1, ... below `end` along an axis of a matrix. */
  range(first: Name | number, end: Name | number, axis: 0 | 1): Name {
    const scalar = (x: Name | number) => typeof x === "number" ? x : this.of("Squeeze", x);
    const numbers = this.of("Range", scalar(first), scalar(end), 1);
    return this.builder.node("Unsqueeze", [numbers, this.builder.integers([1 - axis])]);
  }
}
