/**
 * Reading the pixels of images [batch, height, width, channels] at places that are computed when the graph runs, in doubles as
 * TensorFlow.js computes them.
 *
 * @module
 */
import { elementType, type Name } from "../../file/encode.ts";
import type { ModelBuilder } from "../../file/model_builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";

/** Nodes on doubles. */
export class Doubles {
  constructor(readonly builder: ModelBuilder) {}

  node = (operator: string, ...operands: Name[]): Name => this.builder.node(operator, operands);
  number = (value: number): Name => this.builder.scalar(value, "float64");
  add = (a: Name, b: Name): Name => this.node("Add", a, b);
  sub = (a: Name, b: Name): Name => this.node("Sub", a, b);
  mul = (a: Name, b: Name): Name => this.node("Mul", a, b);
  div = (a: Name, b: Name): Name => this.node("Div", a, b);
  floor = (x: Name): Name => this.node("Floor", x);
  /** Rounds halves up, as JavaScript does. */
  round = (x: Name): Name => this.floor(this.add(x, this.number(0.5)));
  where = (condition: Name, a: Name, b: Name): Name => this.node("Where", condition, a, b);
  less = (a: Name, b: Name): Name => this.node("Less", a, b);
  cast = (x: Name, to: "float32" | "float64" | "int64"): Name =>
    this.builder.node("Cast", [x], { to: elementType[to] });
  /** 0, 1, ... up to a size, a list of one, in the given shape of which one size is -1. */
  range = (size: Name, shape: readonly number[]): Name => {
    const [zero, one] = [this.builder.integer(0), this.builder.integer(1)];
    const end = this.node("Reshape", size, this.builder.integers([]));
    const numbers = this.node("Range", zero, end, one);
    return this.cast(this.node("Reshape", numbers, this.builder.integers(shape)), "float64");
  };
}

/** An image whose pixels can be read. */
export class PixelReader {
  readonly doubles: Doubles;
  /** Pixels one after the other, [batch * height * width, channels], as float32. */
  readonly #pixels: Name;
  /** Sizes as lists of one int64. */
  readonly sizes: Readonly<Record<"batch" | "height" | "width", Name>>;

  constructor(scope: LayoutScope, image: Value) {
    const { builder } = scope;
    this.doubles = new Doubles(builder);
    const flat = builder.node("Reshape", [scope.name(image), builder.integers([-1, image.shape[3]!])]);
    this.#pixels = image.dtype === "float32" ? flat : this.doubles.cast(flat, "float32");
    const size = (axis: number) => scope.sizes.list([image.shape[axis]!]);
    this.sizes = { batch: size(0), height: size(1), width: size(2) };
  }

  /** A size as a double. */
  size = (side: "batch" | "height" | "width"): Name => this.doubles.cast(this.sizes[side], "float64");

  /** The pixels at places that broadcast to one shape [...]; they must lie in the images. The result is [..., channels]. */
  read(image: Name, row: Name, column: Name): Name {
    const { doubles } = this;
    const rows = doubles.add(doubles.mul(image, this.size("height")), row);
    const index = doubles.add(doubles.mul(rows, this.size("width")), column);
    return doubles.node("Gather", this.#pixels, doubles.cast(index, "int64"));
  }
}
