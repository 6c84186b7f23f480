/**
 * What a lowering is, and what it has to work with: the ONNX graph being built, and for every value the forms in which
 * it exists there.
 *
 * TensorFlow.js keeps images as [batch, height, width, channels], ONNX convolves [batch, channels, height, width], and
 * onnxruntime's fast convolutions images whose channels lie in blocks (`forms.ts`). Every value of rank 4 may exist in
 * one of these forms or in several: a convolution makes its own, element-wise kernels follow their operands, and a change
 * of form is added only where a kernel needs one that does not exist yet. So none is left between convolutions.
 *
 * @module
 */
import { type Form, isSameInEveryForm, shapeIn } from "./layouts.ts";
import { type Attributes, DYNAMIC, type HostArray, type Kernel, type Value, type ValueType } from "../graph/graph.ts";
import type { ModelBuilder, Name } from "../file/model_builder.ts";

/** How one TensorFlow.js kernel becomes ONNX. */
export interface Lowering {
  /** The type of the result, or of the results of a kernel that has a list of them. */
  infer(inputs: Readonly<Record<string, Value>>, attributes: Attributes): ValueType | readonly ValueType[];
  /** Adds the ONNX nodes of `kernel` and defines its outputs. */
  lower(kernel: Kernel, scope: Scope): void;
}

/** The domain of onnxruntime's operators on blocked images. */
export const BLOCKED = "com.microsoft.nchwc";
/** The domain of nodes that no runtime computes: sums over processes. */
export const COLLECTIVE = "collective";

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_NATURAL = [0, 2, 3, 1];
const BLOCKED_TO_NATURAL = [0, 2, 3, 1, 4];
const NATURAL_TO_BLOCKED = [0, 3, 1, 2, 4];

/** Constants of equal elements are written out below this size. */
const UNIFORM_ELEMENTS = 64;

export interface ScopeOptions {
  /**
   * Channels of a block in onnxruntime's blocked image format, on the machine that will run the graph. With it,
   * convolutions use onnxruntime's own operators on that format, which makes the graph fast there and good for nothing
   * else. Default: the graph is portable.
   */
  readonly block?: number | undefined;
  /**
   * Whether sums over processes are nodes, at which {@linkcode cutAtCollectives} cuts the graph, or nothing, as in a process
   * that is alone. Default: nothing.
   */
  readonly collectives?: boolean;
  /** Bytes of images that filter gradients read at once, about the size of a cache; default 8 MiB. */
  readonly cacheBytes?: number;
}

/** The values of the ONNX graph under construction. */
export class Scope {
  readonly #forms = new Map<Value, Partial<Record<Form, Name>>>();
  /** What was reshaped, by the results. */
  readonly #reshaped = new Map<Name, { readonly name: Name; readonly shape?: readonly number[] | undefined }>();

  /** Channels of a block in onnxruntime's blocked images on the machine that will run the graph, if known. */
  readonly block: number | undefined;
  /** Bytes of images that a kernel should read at once. */
  readonly cacheBytes: number;

  /** Whether sums over processes are nodes. */
  readonly collectives: boolean;

  constructor(
    readonly builder: ModelBuilder,
    { block, collectives = false, cacheBytes = 8 << 20 }: ScopeOptions = {},
  ) {
    this.block = block;
    this.collectives = collectives;
    this.cacheBytes = cacheBytes;
  }

  /** Says that `value` exists as `name`, in the given form. */
  define(value: Value, name: Name, form: Form = "natural"): void {
    this.#forms.set(value, { ...this.#forms.get(value), [form]: name });
  }

  /** Says that `value` is `other`. */
  alias(value: Value, other: Value): void {
    const form = this.preferredForm([other]);
    this.define(value, this.name(other, form), form);
  }

  /** Whether an image of this shape has a blocked form: its channels fill the blocks of the machine. */
  canBlock({ shape }: ValueType): boolean {
    return this.block !== undefined && shape.length === 4 && shape[3]! % this.block === 0;
  }

  /** The form in which element-wise kernels and movements of `values` change no form: one of the largest of them. */
  preferredForm(values: readonly Value[]): Form {
    const most = Math.max(...values.map(size));
    // A value of lower rank exists in another form only as an operand to broadcast.
    const forms = values.filter((value) => size(value) === most && value.shape.length === 4).map((value) =>
      this.#forms.get(value) ?? {}
    );
    if (forms.some(({ blocked }) => blocked)) return "blocked";
    return forms.some(({ channelsFirst }) => channelsFirst) ? "channelsFirst" : "natural";
  }

  /** The name of `value` in the given form, in which an operand of lower rank broadcasts as it does in the natural one. */
  name(value: Value, form: Form = "natural"): Name {
    const known = this.#forms.get(value)?.[form];
    if (known) return known;
    const made = form === "natural" ? this.#natural(value) : this.#image(value, form);
    this.define(value, made, form);
    return made;
  }

  /** The name of `value` as onnxruntime's operators on blocked images take it: with the shape [batch, channels, height, width]. */
  blockedImage(value: Value): Name {
    return this.reshape(this.name(value, "blocked"), shapeIn("channelsFirst", value.shape, this.block!));
  }

  /** Says that `value` exists as what such an operator has made. */
  defineBlocked(value: Value, image: Name): void {
    const [shape, from] = [
      shapeIn("blocked", value.shape, this.block!),
      shapeIn("channelsFirst", value.shape, this.block!),
    ];
    this.define(value, this.reshape(image, shape, from), "blocked");
  }

  #natural(value: Value): Name {
    if (value.constant) return this.#constant(value.constant, value);
    const { channelsFirst, blocked } = this.#forms.get(value) ?? {};
    const image = channelsFirst ?? blocked;
    if (!image) throw new Error("a kernel reads a value that no kernel before it made");
    if (isSameInEveryForm(value.shape)) return this.reshape(image, value.shape);
    if (!blocked) return this.builder.node("Transpose", [image], { perm: TO_NATURAL });
    if (value.dtype === "float32") return this.#reorderOutput(blocked, value, { channels_last: 1 });
    return this.reshape(this.builder.node("Transpose", [blocked], { perm: BLOCKED_TO_NATURAL }), value.shape);
  }

  #image(value: Value, form: "channelsFirst" | "blocked"): Name {
    if (value.shape.length === 0) return this.name(value);
    const shape = [...Array(4 - value.shape.length).fill(1), ...value.shape] as number[];
    const wanted = shapeIn(form, shape, this.block!);
    if (isSameInEveryForm(shape)) {
      if (value.constant) return this.#constant(value.constant, { ...value, shape: wanted });
      return `${wanted}` === `${value.shape}` ? this.name(value) : this.reshape(this.name(value), wanted);
    }
    // onnxruntime reorders floats.
    const { channelsFirst, blocked } = value.dtype === "float32" ? this.#forms.get(value) ?? {} : {};
    if (form === "channelsFirst" && blocked) return this.#reorderOutput(blocked, value, {});
    if (form === "blocked" && channelsFirst) return this.reshape(this.#reorderInput(channelsFirst, {}), wanted);
    const natural = value.shape.length === 4 ? this.name(value) : this.reshape(this.name(value), shape);
    if (form === "channelsFirst") return this.builder.node("Transpose", [natural], { perm: TO_CHANNELS_FIRST });
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

  /** A constant; a large one of equal elements is written as one element and its shape. */
  #constant(data: HostArray, { shape, dtype }: ValueType): Name {
    if (data.length < UNIFORM_ELEMENTS || !isUniform(data)) return this.builder.constant(data, shape, dtype);
    const element = this.builder.constant(data.slice(0, 1), [], dtype);
    return this.builder.node("Expand", [element, this.builder.integers(shape)]);
  }

  /** Adds a reshape of a value, whose shape may be given; one dimension may be dynamic. */
  reshape(name: Name, shape: readonly number[], from?: readonly number[]): Name {
    if (shape.filter((size) => size === DYNAMIC).length > 1) {
      throw new Error(`cannot reshape to [${shape}]: more than one dimension is dynamic`);
    }
    const source = this.#reshaped.get(name) ?? { name, shape: from };
    if (`${source.shape}` === `${shape}`) return source.name;
    const reshaped = this.builder.node("Reshape", [source.name, this.builder.integers(shape)]);
    this.#reshaped.set(reshaped, source);
    return reshaped;
  }
}

/** Whether all elements of a constant are the same number. */
export const isUniform = (data: HostArray, element = data[0]): boolean => data.every((x) => x === element);

const size = ({ shape }: Value) => shape.reduce((product, dimension) => product * Math.abs(dimension), 1);
