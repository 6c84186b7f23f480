/**
 * Static quantisation of a model's convolutions to 8 bits, as ONNX writes it: QuantizeLinear and DequantizeLinear around
 * what is meant to run on integers ("QDQ"), which a runtime fuses and which any other computes all the same.
 *
 * - An image is uint8, real = scale * (q - zero point), over the range that calibration saw, 0 included: so that padding
 *   and the result of a ReLU are exact.
 * - A kernel is int8 with a scale of its own for every filter, symmetric: scale = largest |w| / 127 (Krishnamoorthi 2018,
 *   "Quantizing deep convolutional networks for efficient inference", section 2 and 3.1.2).
 * - A bias is int32 with the scale of the sums, that of the image times that of the filter.
 *
 * What a convolution gives is quantised too; a ReLU between it and the next one is what its zero point of 0 cuts off.
 * Everything between, such as the sums of a residual network, stays float32: they gather errors, and cost little.
 *
 * @module
 */
import type { NodeProto } from "../file/generated/onnx_pb.ts";
import { foldBiases } from "./fold_biases.ts";
import type { Name } from "../file/model_builder.ts";
import { floatsOf, isFloat, ModelEditor, newNode, shapeOf } from "../file/model_editor.ts";

/** The least and the greatest element of a value. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** real = scale * (q - zeroPoint), for q of 0 to 255. */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** What calibration must observe, and how the model is quantised once it has. */
export interface QuantisationPlan {
  /** The model with the observed values as outputs. */
  readonly observing: Uint8Array<ArrayBuffer>;
  readonly observed: readonly Name[];
  /** @param ranges of the observed values */
  quantise(ranges: ReadonlyMap<Name, Range>, options?: QuantiseOptions): Uint8Array<ArrayBuffer>;
}

export interface QuantiseOptions {
  /**
   * The greatest int8 of a kernel: 127, or 63 for machines whose products of bytes are added in 16 bits and would
   * overflow (x86 without VNNI). Default 127.
   */
  readonly greatest?: number;
}

/** Plans the quantisation of a model of float32. */
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

/** The scale and zero point of a range, widened to hold 0. */
export function affine({ min, max }: Range): Affine {
  const least = Math.min(0, min), most = Math.max(0, max);
  const scale = Math.fround((most - least) / 255);
  if (!(scale > 0) || !Number.isFinite(scale)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-least / scale))) };
}

/** A kernel [filters, ...] as int8, and the scale of every filter. */
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
  /** The value that it reads. */
  readonly image: Name;
  /** What it gives, after the ReLU that only convolutions read. */
  readonly result: Name;
  readonly relu: NodeProto | undefined;
}

function quantisable(editor: ModelEditor): Convolution[] {
  const takers = editor.takers();
  return editor.graph.node.filter((node) => node.opType === "Conv" && isFloat(editor.constant(node.input[1]))).map(
    (node) => {
      const [next, ...others] = takers.get(node.output[0]!) ?? [];
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
    const sums = scales.map((scale) => scale * pairs.of(image).scale);
    const biases = bias ? [biasOf(editor, bias.name, floatsOf(bias), sums)] : [];
    const raw = editor.fresh(`${result}/float`);
    node.input = [name, weights.output[0]!, ...biases.map(({ output }) => output[0]!)];
    // What it gave before has another maker, which is called after it.
    [node.name, node.output] = [raw, [raw]];
    return [...before, weights, ...biases, node, ...pairs.make(result, raw)];
  });
  return editor.build();
}

/** A bias as int32 in units of the sums that it is added to. */
function biasOf(editor: ModelEditor, name: Name, bias: Float32Array, sums: Float32Array): NodeProto {
  const limit = 2 ** 31 - 1;
  const integers = Int32Array.from(bias, (b, at) => Math.min(limit, Math.max(-limit, Math.round(b / sums[at]!))));
  return dequantised(editor, `${name}/quantised`, integers, [bias.length], sums);
}

/** Adds integers with a scale for each of the first axis, and gives the node that makes them real numbers. */
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

/** Pairs of QuantizeLinear and DequantizeLinear, one for every value. */
class Pairs {
  readonly #made = new Map<Name, Name>();

  constructor(readonly editor: ModelEditor, readonly ranges: ReadonlyMap<Name, Range>) {}

  of(value: Name): Affine {
    const range = this.ranges.get(value);
    if (!range) throw new Error(`the range of ${value} was not observed`);
    return affine(range);
  }

  /** The nodes that quantise a value that is there and make it real again, if there are none yet, and its new name. */
  around(value: Name): [nodes: NodeProto[], name: Name] {
    const known = this.#made.get(value);
    if (known) return [[], known];
    const name = this.editor.fresh(`${value}/real`);
    this.#made.set(value, name);
    return [this.#pair(value, name, value), name];
  }

  /** The nodes that make a value out of `raw`, quantised on the way. */
  make(value: Name, raw: Name): NodeProto[] {
    this.#made.set(value, value);
    return this.#pair(raw, value, value);
  }

  #pair(from: Name, to: Name, value: Name): NodeProto[] {
    const { scale, zeroPoint } = this.of(value);
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
