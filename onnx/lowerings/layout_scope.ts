/**
 * The ONNX graph under construction, and the layouts in which each value exists there.
 *
 * TensorFlow.js keeps images as [batch, height, width, channels], ONNX convolves [batch, channels, height, width], and
 * onnxruntime's fast convolutions read images whose channels lie in blocks (`layouts.ts`). A value of rank 4 can exist in one
 * of these layouts or in several: a convolution makes its own, element-wise kernels follow their operands, and a change of
 * layout is added only where a kernel needs one that does not exist yet. So none is left between convolutions.
 *
 * @module
 */
import { TraceError } from "../graph/trace_error.ts";
import { BLOCKED } from "../file/domains.ts";
import { type DynamicSize, type HostArray, isDynamic, type Value, type ValueType } from "../graph/graph.ts";
import { axisIn, isSameInEveryLayout, type Layout, shapeIn } from "./layouts.ts";
import { SizeNames } from "./size_names.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import type { Name } from "../file/encode.ts";

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_NATURAL = [0, 2, 3, 1];
const BLOCKED_TO_NATURAL = [0, 2, 3, 1, 4];
const NATURAL_TO_BLOCKED = [0, 3, 1, 2, 4];

/** Constants of equal elements are written in full below this size. */
const UNIFORM_ELEMENTS = 64;

/** See {@linkcode ScopeOptions}. */
export type SpecialValues = "fast" | "exact";

export interface ScopeOptions {
  /**
   * Channels of a block in onnxruntime's blocked image format, on the machine that will run the graph. With it,
   * convolutions use onnxruntime's own operators on that format: the graph is fast there and runs nowhere else. Default:
   * the graph is portable.
   */
  readonly block?: number | undefined;
  /**
   * Writes sums over processes as nodes, at which {@linkcode cutAtCollectives} cuts the graph. Default: leaves them out, for a
   * process that is alone.
   */
  readonly collectives?: boolean;
  /**
   * The treatment of NaN and infinities by maximum pooling, linear resizing, batch norm and Winograd's convolutions, which ONNX
   * leaves open: `exact` gives TensorFlow.js's values and gradients, for more operators. Default: `fast`.
   */
  readonly specialValues?: SpecialValues | undefined;
  /** Bytes of images that filter gradients read at once, about the size of a cache. Default: 8 MiB. */
  readonly cacheBytes?: number;
}

/** Names the values of the ONNX graph under construction, layout by layout. */
export class LayoutScope {
  readonly #layouts = new Map<Value, Partial<Record<Layout, Name>>>();
  /** The source of each reshape, by the name of its result. */
  readonly #reshaped = new Map<Name, { readonly name: Name; readonly shape?: readonly number[] | undefined }>();

  /** The sizes that are known only when the graph runs. */
  readonly sizes: SizeNames;
  /** See {@linkcode ScopeOptions}. */
  readonly block: number | undefined;
  /** See {@linkcode ScopeOptions}. */
  readonly cacheBytes: number;
  /** See {@linkcode ScopeOptions}. */
  readonly collectives: boolean;
  /** See {@linkcode ScopeOptions}. */
  readonly specialValues: SpecialValues;

  constructor(
    readonly builder: ModelBuilder,
    { block, collectives = false, cacheBytes = 8 << 20, specialValues = "fast" }: ScopeOptions = {},
    sizes: readonly DynamicSize[] = [],
  ) {
    this.sizes = new SizeNames(builder, sizes);
    this.block = block;
    this.collectives = collectives;
    this.specialValues = specialValues;
    this.cacheBytes = cacheBytes;
  }

  /** Records that `value` exists as `name` in a layout. */
  define(value: Value, name: Name, layout: Layout = "natural"): void {
    this.#layouts.set(value, { ...this.#layouts.get(value), [layout]: name });
    // Values of lower rank exist in other layouts with more dimensions.
    if (layout !== "natural" && value.shape.length !== 4) return;
    value.shape.forEach((size, axis) => {
      if (isDynamic(size) && !(layout === "blocked" && axis === 3)) {
        this.sizes.addSource(size, name, axisIn(layout, axis));
      }
    });
  }

  /** Records that `value` is the same as `other`. */
  alias(value: Value, other: Value): void {
    const layout = this.preferredLayout([other]);
    this.define(value, this.name(other, layout), layout);
  }

  /** True if an image of this shape has a blocked layout: its channels fill the blocks of the machine. */
  canBlock({ shape }: ValueType): boolean {
    return this.block !== undefined && shape.length === 4 && shape[3]! > 0 && shape[3]! % this.block === 0;
  }

  /** The layout in which the largest of `values` exists already; blocked wins over channels-first over natural. */
  preferredLayout(values: readonly Value[]): Layout {
    // Axes before the batch have a place in no other layout.
    if (values.some(({ shape }) => shape.length > 4)) return "natural";
    const most = Math.max(...values.map(size));
    // A value of lower rank exists in another layout only as an operand to broadcast.
    const layouts = values.filter((value) => size(value) === most && value.shape.length === 4).map((value) =>
      this.#layouts.get(value) ?? {}
    );
    if (layouts.some(({ blocked }) => blocked)) {
      return values.every((value) => this.#broadcastsInBlocks(value)) ? "blocked" : "channelsFirst";
    }
    return layouts.some(({ channelsFirst }) => channelsFirst) ? "channelsFirst" : "natural";
  }

  /** True if the channels of a value are one for all, or fill the blocks of the machine. */
  #broadcastsInBlocks({ shape }: ValueType): boolean {
    const channels = shape.at(-1) ?? 1;
    return channels === 1 || channels % this.block! === 0;
  }

  /** The name of `value` in a layout; an operand of lower rank broadcasts there as it does in the natural layout. */
  name(value: Value, layout: Layout = "natural"): Name {
    const known = this.#layouts.get(value)?.[layout];
    if (known) return known;
    const made = layout === "natural" ? this.#natural(value) : this.#image(value, layout);
    this.define(value, made, layout);
    return made;
  }

  /** The name of `value` for onnxruntime's blocked operators, which declare its shape as [batch, channels, height, width]. */
  blockedImage(value: Value): Name {
    return this.reshape(this.name(value, "blocked"), shapeIn("channelsFirst", value.shape, this.block!));
  }

  /** Records that `value` exists as the result of a blocked operator. */
  defineBlocked(value: Value, image: Name): void {
    const [shape, from] = [
      shapeIn("blocked", value.shape, this.block!),
      shapeIn("channelsFirst", value.shape, this.block!),
    ];
    this.define(value, this.reshape(image, shape, from), "blocked");
  }

  #natural(value: Value): Name {
    if (value.constant) return this.#constant(value.constant, value);
    if (value.shape.includes(0)) return this.#nothing(value);
    const { channelsFirst, blocked } = this.#layouts.get(value) ?? {};
    const image = channelsFirst ?? blocked;
    if (!image) {
      throw new TraceError("a traced function uses a tensor that another trace made; make it in this function");
    }
    if (isSameInEveryLayout(value.shape)) return this.reshape(image, value.shape);
    if (!blocked) return this.builder.node("Transpose", [image], { perm: TO_NATURAL });
    if (value.dtype === "float32") return this.#reorderOutput(blocked, value, { channels_last: 1 });
    return this.reshape(this.builder.node("Transpose", [blocked], { perm: BLOCKED_TO_NATURAL }), value.shape);
  }

  #image(value: Value, layout: "channelsFirst" | "blocked"): Name {
    if (value.shape.length === 0) return this.name(value);
    const shape = [...Array(4 - value.shape.length).fill(1), ...value.shape] as number[];
    const wanted = shapeIn(layout, shape, this.block!);
    if (isSameInEveryLayout(shape)) {
      if (value.constant) return this.#constant(value.constant, { ...value, shape: wanted });
      return `${wanted}` === `${value.shape}` ? this.name(value) : this.reshape(this.name(value), wanted);
    }
    // onnxruntime reorders floats only.
    const { channelsFirst, blocked } = value.dtype === "float32" ? this.#layouts.get(value) ?? {} : {};
    if (layout === "channelsFirst" && blocked) return this.#reorderOutput(blocked, value, {});
    if (layout === "blocked" && channelsFirst) return this.reshape(this.#reorderInput(channelsFirst, {}), wanted);
    const natural = value.shape.length === 4 ? this.name(value) : this.reshape(this.name(value), shape);
    if (layout === "channelsFirst") return this.builder.node("Transpose", [natural], { perm: TO_CHANNELS_FIRST });
    if (value.dtype === "float32") return this.reshape(this.#reorderInput(natural, { channels_last: 1 }), wanted);
    const blocks = this.reshape(natural, [...shape.slice(0, 3), shape[3]! / this.block!, this.block!]);
    return this.builder.node("Transpose", [blocks], { perm: NATURAL_TO_BLOCKED });
  }

  #reorderInput(image: Name, attributes: { channels_last?: number }): Name {
    return this.builder.node("ReorderInput", [image], attributes, BLOCKED);
  }

  #reorderOutput(blocked: Name, { shape }: Value, attributes: { channels_last?: number }): Name {
    const image = this.reshape(blocked, shapeIn("channelsFirst", shape, this.block!));
    return this.builder.node("ReorderOutput", [image], { channels: shape[3]!, ...attributes }, BLOCKED);
  }

  /** Adds a constant; a large one of equal elements is written as one element and its shape. */
  #constant(data: HostArray, { shape, dtype, name }: Value): Name {
    if (name !== undefined) return this.builder.constant(data, shape, dtype, name);
    if (data.length < UNIFORM_ELEMENTS || !isUniform(data)) return this.builder.constant(data, shape, dtype);
    const element = this.builder.constant(data.slice(0, 1), [], dtype);
    return this.builder.node("Expand", [element, this.builder.integers(shape)]);
  }

  /** Adds a value without elements; the kernel that makes it is not written. */
  #nothing({ shape, dtype }: ValueType): Name {
    const element = this.builder.constant(emptyElement[dtype], [], dtype);
    return this.builder.node("Expand", [element, this.sizes.list(shape)]);
  }

  /**
   * Adds a reshape, or returns the name that already has the shape.
   *
   * @param from the shape of `name`, where it is known
   */
  reshape(name: Name, shape: readonly number[], from?: readonly number[]): Name {
    const source = this.#reshaped.get(name) ?? { name, shape: from };
    if (`${source.shape}` === `${shape}`) return source.name;
    const isList = shape.filter(isDynamic).length > 1 || shape.includes(0);
    const reshaped = isList
      ? this.reshapeToList(source.name, this.sizes.list(shape))
      : this.builder.node("Reshape", [source.name, this.builder.integers(shape.map((size) => Math.max(size, -1)))]);
    this.#reshaped.set(reshaped, source);
    return reshaped;
  }

  /** Adds a reshape to a list of sizes. Before opset 14, where a size of 0 copies one of the input's, it cuts sizes of 1. */
  reshapeToList(name: Name, list: Name): Name {
    const { builder } = this;
    if (builder.opset >= 14) return builder.node("Reshape", [name, list], { allowzero: 1 });
    const sizes = builder.node("Max", [list, builder.integers([1])]);
    const flat = builder.node("Reshape", [name, builder.integers([-1])]);
    const count = builder.node("ReduceProd", [sizes], { axes: [0], keepdims: 1 });
    const missing = builder.node("Sub", [count, builder.node("Shape", [flat])]);
    const padded = builder.node("Pad", [flat, builder.node("Concat", [builder.integers([0]), missing], { axis: 0 })]);
    const zeros = builder.node("Sub", [list, list]);
    return builder.node("Slice", [builder.node("Reshape", [padded, sizes]), zeros, list]);
  }
}

/** True if all elements of a constant are the same number; 0 and -0 are two, and NaN is none. */
export const isUniform = (data: HostArray, element = data[0]): boolean =>
  data.every((x) => x === element && Object.is(x, element));

const emptyElement = { float32: new Float32Array(1), int32: new Int32Array(1), bool: new Uint8Array(1) };

/** Stands for a size that is unknown, so that such values count as larger than those that broadcast to them. */
const TYPICAL_SIZE = 64;

const size = ({ shape }: Value) =>
  shape.reduce((product, dimension) => product * (isDynamic(dimension) ? TYPICAL_SIZE : dimension), 1);
