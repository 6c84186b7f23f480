/**
 * The filters of {@linkcode resizeModel} as ONNX nodes.
 *
 * @module
 */
import type { Name } from "../onnx/file/encode.ts";
import type { Arithmetic } from "./arithmetic.ts";

/** Lobes of Lanczos's filter. */
export const LOBES = 3;
/** Below this, sin(x) / x is 1 in float32. */
const NEAR_ZERO = 1e-6;

/** sinc(x) sinc(x / 3) for |x| < 3, else 0. */
export function lanczos(graph: Arithmetic, x: Name): Name {
  const op = graph.of.bind(graph);
  const angle = op("Mul", x, Math.PI), distance = op("Abs", x);
  const sines = op("Mul", op("Sin", angle), op("Sin", op("Div", angle, LOBES)));
  const value = op("Div", op("Mul", sines, LOBES), op("Mul", angle, angle));
  const within = op("Where", op("Less", distance, LOBES), value, 0);
  return op("Where", op("Less", distance, NEAR_ZERO), 1, within);
}

/** The cubic filter with a = -1/2. */
export function catmullRom(graph: Arithmetic, x: Name): Name {
  const op = graph.of.bind(graph);
  const d = op("Abs", x);
  /** Horner's scheme. */
  const polynomial = (first: number, ...others: readonly number[]) =>
    others.reduce<Name | number>((sum, next) => op("Add", op("Mul", sum, d), next), first) as Name;
  const near = polynomial(1.5, -2.5, 0, 1), far = polynomial(-0.5, 2.5, -4, 2);
  return op("Where", op("Less", d, 1), near, op("Where", op("Less", d, 2), far, 0));
}

/** The weights [size, size] of a move by half a pixel with {@linkcode catmullRom}; pixels at the edge repeat. */
export function halfPixel(size: number): Float32Array {
  const result = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (const [tap, weight] of [-1 / 16, 9 / 16, 9 / 16, -1 / 16].entries()) {
      result[row * size + Math.min(size - 1, Math.max(0, row - 2 + tap))]! += weight;
    }
  }
  return result;
}

/** An axis in boxes: its pixels, those of a box, its boxes, and how many boxes a filter reaches beyond the edges. */
interface Boxes {
  readonly side: Name;
  readonly box: Name;
  readonly boxes: Name;
  readonly reach: Name;
}

/** The weights [boxes and reach, side] of the pixels in the mean of each box. The last pixel fills the last box. */
export function boxWeights(graph: Arithmetic, { side, box, boxes, reach }: Boxes): Name {
  const op = graph.of.bind(graph);
  const last = op("Sub", side, 1);
  const own = op("Max", 0, op("Min", graph.range(op("Neg", reach), op("Add", boxes, reach), 0), op("Sub", boxes, 1)));
  const pixels = graph.range(0, side, 1);
  const within = op("Equal", op("Floor", op("Div", op("Add", pixels, 0.5), box)), own);
  const times = op("Where", op("Equal", pixels, last), op("Sub", op("Mul", boxes, box), last), 1);
  return op("Where", within, op("Div", times, box), 0);
}
