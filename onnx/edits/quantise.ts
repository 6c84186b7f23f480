/**
 * Quantises a model's convolutions statically to 8 bits, as ONNX writes it ("QDQ"): QuantizeLinear and DequantizeLinear stand
 * around each of them. A runtime that can fuses these and computes on integers; any other computes them as they are.
 *
 * - An image is uint8, real = scale * (q - zero point), over the range that calibration saw and 0, so that padding and
 *   the result of a ReLU are exact.
 * - A kernel is int8 and symmetric, with a scale for every filter: scale = largest |w| / 127 (Krishnamoorthi 2018,
 *   "Quantizing deep convolutional networks for efficient inference", section 2 and 3.1.2).
 * - A bias is int32 with the scale of the sums, that of the image times that of the filter.
 *
 * The result of a convolution is quantised too. A ReLU after it disappears: the zero point 0 cuts off negative numbers.
 * All else, such as the sums of a residual network, stays float32: sums gather errors and cost little.
 *
 * @module
 */
import type { NodeProto } from "../file/generated/onnx_pb.ts";
import { foldBiases } from "./fold_biases.ts";
import type { Name } from "../file/encode.ts";
import { floatsOf, isFloat, ModelEditor, newNode, shapeOf } from "../file/model_editor.ts";

/** The smallest and the largest element of a value. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Maps q of 0 to 255 to real = scale * (q - zeroPoint). */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Lists the values that calibration must observe, and quantises the model with their ranges. */
export interface QuantisationPlan {
  /** The model with the observed values as outputs. */
  readonly observing: Uint8Array<ArrayBuffer>;
  readonly observed: readonly Name[];
  /**
   * Quantises the model.
   *
   * @param ranges the ranges of the observed values
   */
  quantise(ranges: ReadonlyMap<Name, Range>, options?: QuantiseOptions): Uint8Array<ArrayBuffer>;
}

export interface QuantiseOptions {
  /**
   * The largest int8 of a kernel: 127, or 63 for machines that add products of bytes in 16 bits and would overflow (x86
   * without VNNI). Default: 127.
   */
  readonly greatest?: number;
}

/** Plans the quantisation of a float32 model. */
export function planQuantisation(bytes: Uint8Array): QuantisationPlan {
  const folded = new ModelEditor(bytes);
  foldBiases(folded);
  const base = folded.build();
  const editor = new ModelEditor(base);
  const observed = [...new Set(quantisable(editor).flatMap(({ image, result }) => [image, result]))];
  editor.addOutputs(observed);
  return {
    observing: editor.build(),
    observed,
    quantise: (ranges, { greatest = 127 } = {}) => quantised(base, ranges, greatest),
  };
}

/** Computes the scale and zero point of a range, widened to hold 0. */
export function affine({ min, max }: Range): Affine {
  const least = Math.min(0, min), most = Math.max(0, max);
  const scale = Math.fround((most - least) / 255);
  if (!(scale > 0) || !Number.isFinite(scale)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-least / scale))) };
}

/** Rounds a kernel [filters, ...] to int8, with a scale for every filter. */
export function quantiseKernel(
  kernel: Float32Array,
  filters: number,
  greatest: number,
): { kernel: Int8Array; scales: Float32Array } {
  const length = kernel.length / filters;
  const scales = new Float32Array(filters), result = new Int8Array(kernel.length);
  for (let filter = 0; filter < filters; filter++) {
    const own = kernel.subarray(filter * length, (filter + 1) * length);
    const most = own.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const scale = scales[filter] = most > 0 ? most / greatest : 1;
    result.set(own.map((w) => Math.min(greatest, Math.max(-greatest, Math.round(w / scale)))), filter * length);
  }
  return { kernel: result, scales };
}

/** A convolution that can be quantised. */
interface Convolution {
  readonly node: NodeProto;
  /** The value that the convolution reads. */
  readonly image: Name;
  /** The result of the convolution, or of its ReLU. */
  readonly result: Name;
  /** The ReLU, if nothing else reads the convolution. */
  readonly relu: NodeProto | undefined;
}

function quantisable(editor: ModelEditor): Convolution[] {
  const consumers = editor.consumers();
  return editor.graph.node.filter((node) => node.opType === "Conv" && isFloat(editor.constant(node.input[1]))).map(
    (node) => {
      const [next, ...others] = consumers.get(node.output[0]!) ?? [];
      const relu = next?.opType === "Relu" && others.length === 0 ? next : undefined;
      return { node, image: node.input[0]!, result: (relu ?? node).output[0]!, relu };
    },
  );
}

function quantised(bytes: Uint8Array, ranges: ReadonlyMap<Name, Range>, greatest: number): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(bytes);
  const convolutions = new Map(quantisable(editor).map((convolution) => [convolution.node, convolution]));
  const relus = new Set([...convolutions.values()].map(({ relu }) => relu));
  const pairs = new Pairs(editor, ranges);
  editor.rewriteNodes((node) => {
    const convolution = convolutions.get(node);
    if (!convolution) return relus.has(node) ? [] : [node];
    const { image, result } = convolution;
    const [before, name] = pairs.around(image);
    const [kernel, bias] = node.input.slice(1).map((constant) => editor.constant(constant)!);
    const shape = shapeOf(kernel!), filters = shape[0]!;
    const { kernel: integers, scales } = quantiseKernel(floatsOf(kernel!), filters, greatest);
    const weights = dequantised(editor, `${kernel!.name}/quantised`, integers, shape, scales);
    const sums = scales.map((scale) => scale * pairs.affineOf(image).scale);
    const biases = bias ? [biasOf(editor, bias.name, floatsOf(bias), sums)] : [];
    const raw = editor.fresh(`${result}/float`);
    node.input = [name, weights.output[0]!, ...biases.map(({ output }) => output[0]!)];
    // Another node now produces the old output; rename this one.
    [node.name, node.output] = [raw, [raw]];
    return [...before, weights, ...biases, node, ...pairs.make(result, raw)];
  });
  return editor.build();
}

/** Makes the node of a bias that is int32, in units of the sums that it is added to. */
function biasOf(editor: ModelEditor, name: Name, bias: Float32Array, sums: Float32Array): NodeProto {
  const limit = 2 ** 31 - 1;
  const integers = Int32Array.from(bias, (b, at) => Math.min(limit, Math.max(-limit, Math.round(b / sums[at]!))));
  return dequantised(editor, `${name}/quantised`, integers, [bias.length], sums);
}

/** Adds integers with a scale for each index of the first axis, and makes the node that turns them into real numbers. */
function dequantised(
  editor: ModelEditor,
  name: Name,
  integers: Int8Array | Int32Array,
  shape: readonly number[],
  scales: Float32Array,
): NodeProto {
  const constant = editor.addConstant(name, integers, shape);
  const scale = editor.addConstant(`${name}/scale`, scales, [scales.length]);
  return newNode("DequantizeLinear", [constant, scale], editor.fresh(`${name}/real`), { axis: 0 });
}

/** Makes one pair of QuantizeLinear and DequantizeLinear for every value. */
class Pairs {
  readonly #rounded = new Map<Name, Name>();

  constructor(readonly editor: ModelEditor, readonly ranges: ReadonlyMap<Name, Range>) {}

  /** The scale and zero point of a value. */
  affineOf(value: Name): Affine {
    const range = this.ranges.get(value);
    if (!range) throw new Error(`calibration did not observe the range of ${value}`);
    return affine(range);
  }

  /** Makes the pair that rounds an existing value, if it has none yet, and returns the name of the rounded value. */
  around(value: Name): [nodes: NodeProto[], name: Name] {
    const known = this.#rounded.get(value);
    if (known) return [[], known];
    const name = this.editor.fresh(`${value}/real`);
    this.#rounded.set(value, name);
    return [this.#pair(value, name, value), name];
  }

  /** Makes the pair that rounds `raw` to a value. */
  make(value: Name, raw: Name): NodeProto[] {
    this.#rounded.set(value, value);
    return this.#pair(raw, value, value);
  }

  #pair(from: Name, to: Name, value: Name): NodeProto[] {
    const { scale, zeroPoint } = this.affineOf(value);
    const parameters = [
      this.editor.addConstant(`${value}/scale`, Float32Array.of(scale), []),
      this.editor.addConstant(`${value}/zero_point`, Uint8Array.of(zeroPoint), []),
    ];
    const integers = this.editor.fresh(`${value}/quantised`);
    return [
      newNode("QuantizeLinear", [from, ...parameters], integers),
      newNode("DequantizeLinear", [integers, ...parameters], to),
    ];
  }
}
