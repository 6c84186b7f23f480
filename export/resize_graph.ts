/**
 * Resizing as ONNX nodes: bytes of any size become bytes of the network's size, as libvips makes them here (libvips,
 * resample/resize.c, reducev.cpp and shrinkv.c).
 *
 * An axis is a product with a matrix [size, side], which the graph computes from the side of the picture. ONNX's Resize has no
 * Lanczos filter; its antialiased cubic filter differs more from training.
 *
 * - Down: boxes of k pixels, k = max(1, floor(side / length / 2)), then Lanczos's filter of 3 lobes over the boxes.
 * - Up: the cubic filter of Catmull and Rom; libvips moves the picture by half a pixel there.
 * - Pixels beyond an edge repeat the pixel at the edge.
 *
 * @module
 */
import type { Name } from "../onnx/file/encode.ts";
import { DYNAMIC, ModelBuilder } from "../onnx/internal.ts";
import { Arithmetic } from "./arithmetic.ts";
import { boxWeights, catmullRom, halfPixel, lanczos, LOBES } from "./resize_filters.ts";

/** Ways to make a picture square: its middle, the whole stretched, or the whole with black around it. */
export type GraphFit = "crop" | "stretch" | "pad";

/** Types of elements in ONNX's numbering. */
const FLOAT = 1, UINT8 = 2;
/** Boxes leave at least this many pixels to the filter for each pixel of the result. */
const GAP = 2;

/** Writes a model: `image` uint8 [batch, height, width, 3] -> `pixels` uint8 [batch, size, size, 3]. */
export function resizeModel(opset: number, size: number, fit: GraphFit): Uint8Array<ArrayBuffer> {
  const builder = new ModelBuilder(opset), graph = new Arithmetic(builder);
  builder.nameSizes([{ name: "batch" }, { name: "height" }, { name: "width" }]);
  const image = builder.input("image", { shape: [DYNAMIC, DYNAMIC - 1, DYNAMIC - 2, 3], dtype: "uint8" });
  const shape = builder.node("Shape", [image]);
  const sizeAt = (axis: number) => builder.node("Gather", [shape, builder.integers([axis])]);
  const reshape = (x: Name, sizes: readonly Name[]) =>
    builder.node("Reshape", [x, builder.node("Concat", sizes, { axis: 0 })]);
  const [height, width] = [sizeAt(1), sizeAt(2)].map((x) => builder.node("Cast", [x], { to: FLOAT })) as [Name, Name];
  const [down, across] = weights(graph, [height, width], size, fit);
  // libvips rounds after each axis.
  const lines = reshape(builder.node("Cast", [image], { to: FLOAT }), [sizeAt(0), sizeAt(1), builder.integers([-1])]);
  const rows = graph.bytes(graph.of("MatMul", down, lines));
  const columns = reshape(rows, [sizeAt(0), builder.integers([size]), sizeAt(2), builder.integers([3])]);
  const pixels = graph.bytes(graph.of("MatMul", across, columns));
  builder.output("pixels", builder.node("Cast", [pixels], { to: UINT8 }), {
    shape: [DYNAMIC, size, size, 3],
    dtype: "uint8",
  });
  return builder.build();
}

/** The weights of both axes, [size, height] and [size, width]. */
function weights(graph: Arithmetic, [height, width]: [Name, Name], size: number, fit: GraphFit): [Name, Name] {
  const shrinks = [height, width].map((side) => graph.of("Div", side, size)) as [Name, Name];
  const [down, across] = shrinks;
  if (fit !== "stretch") {
    const common = graph.of(fit === "crop" ? "Min" : "Max", down, across);
    return [axisWeights(graph, height, common, size), axisWeights(graph, width, common, size)];
  }
  return [
    movedWithOther(graph, axisWeights(graph, height, down, size), down, across, size),
    movedWithOther(graph, axisWeights(graph, width, across, size), across, down, size),
  ];
}

/** libvips moves both axes by half a pixel where one of them grows. */
function movedWithOther(graph: Arithmetic, weights: Name, own: Name, other: Name, size: number): Name {
  const moves = graph.of("And", graph.of("Less", other, 1), graph.of("GreaterOrEqual", own, 1));
  const half = graph.builder.constant(halfPixel(size), [size, size], "float32");
  return graph.of("Where", moves, graph.of("MatMul", half, weights), weights);
}

/**
 * The weights [size, side] of the pixels of an axis.
 *
 * @param wished pixels that become one; more than `side` counts as `side`
 */
function axisWeights(graph: Arithmetic, side: Name, wished: Name, size: number): Name {
  const op = graph.of.bind(graph);
  const shrink = op("Min", wished, side);
  const length = op("Floor", op("Add", op("Div", side, shrink), 0.5));
  const at = placesIn(graph, length, size);
  const inside = op("And", op("GreaterOrEqual", at, 0), op("Less", at, length));
  const box = op("Max", 1, op("Floor", op("Div", op("Div", side, length), GAP)));
  const boxes = op("Ceil", op("Div", side, box));
  const step = op("Div", shrink, box), spread = op("Max", step, 1);
  // Pixels beyond whole steps are left out equally at both ends.
  const beyond = op("Div", op("Sub", op("Mul", length, shrink), side), box);
  const moved = op("Div", op("Where", op("Less", shrink, 1), shrink, beyond), 2);
  const middle = op("Sub", op("Mul", op("Add", at, 0.5), step), op("Add", moved, 0.5));
  const reach = op("Ceil", op("Mul", spread, LOBES));
  const distance = op("Div", op("Sub", graph.range(op("Neg", reach), op("Add", boxes, reach), 1), middle), spread);
  const filter = op("Where", op("Greater", shrink, 1), lanczos(graph, distance), catmullRom(graph, distance));
  const taps = op("Where", inside, filter, 0);
  const sum = graph.builder.node("ReduceSum", [taps, graph.builder.integers([1])]);
  const normalised = op("Div", taps, op("Where", inside, sum, 1));
  return op("MatMul", normalised, boxWeights(graph, { side, box, boxes, reach }));
}

/** The places [size, 1] of the result in the resized axis: the middle of a longer one; a shorter one is in the middle. */
function placesIn(graph: Arithmetic, length: Name, size: number): Name {
  const op = graph.of.bind(graph);
  const longer = op("Sub", length, size);
  const cut = op("Floor", op("Div", op("Add", op("Max", longer, 0), 1), 2));
  const margin = op("Floor", op("Div", op("Max", op("Neg", longer), 0), 2));
  return op("Add", graph.range(0, size, 0), op("Sub", cut, margin));
}
