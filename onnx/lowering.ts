/**
 * What a lowering is, and what it has to work with: the ONNX graph being built, and for every value the forms in which
 * it exists there.
 *
 * TensorFlow.js keeps images as [batch, height, width, channels], ONNX convolves [batch, channels, height, width].
 * Every value of rank 4 may exist in its natural form, in the channels-first form, or in both: a convolution makes the
 * second, element-wise kernels follow their operands, and a transpose is added only where a kernel needs the form that
 * does not exist yet. So no transpose is left between convolutions.
 *
 * @module
 */
import { type Attributes, DYNAMIC, type HostArray, type Kernel, type Value, type ValueType } from "./graph.ts";
import type { ModelBuilder, Name } from "./model_builder.ts";

/** How one TensorFlow.js kernel becomes ONNX. */
export interface Lowering {
  /** The type of the result, or of the results of a kernel that has a list of them. */
  infer(inputs: Readonly<Record<string, Value>>, attributes: Attributes): ValueType | readonly ValueType[];
  /** Adds the ONNX nodes of `kernel` and defines its outputs. */
  lower(kernel: Kernel, scope: Scope): void;
}

/** The domain of onnxruntime's operators on images whose channels lie in blocks. */
export const BLOCKED = "com.microsoft.nchwc";
/** The domain of nodes that no runtime computes: sums over processes. */
export const COLLECTIVE = "collective";

/** In which order the dimensions of a value lie in memory. */
export type Form = "natural" | "channelsFirst";

/** For every axis of a natural image its axis in the channels-first form. */
const CHANNELS_FIRST_AXIS: readonly number[] = [0, 2, 3, 1];
const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_NATURAL = [0, 2, 3, 1];

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
  /** Bytes of the copies of images that filter gradients make at once, about the size of a cache; default 8 MiB. */
  readonly chunkBytes?: number;
}

/** The values of the ONNX graph under construction. */
export class Scope {
  readonly #forms = new Map<Value, Partial<Record<Form, Name>>>();

  /** Channels of a block in onnxruntime's blocked images on the machine that will run the graph, if known. */
  readonly block: number | undefined;
  /** Bytes of a temporary copy of images that a kernel may make at once. */
  readonly chunkBytes: number;

  /** Whether sums over processes are nodes. */
  readonly collectives: boolean;

  constructor(
    readonly builder: ModelBuilder,
    { block, collectives = false, chunkBytes = 8 << 20 }: ScopeOptions = {},
  ) {
    this.block = block;
    this.collectives = collectives;
    this.chunkBytes = chunkBytes;
  }

  /** Says that `value` exists as `name`, in the given form. */
  define(value: Value, name: Name, form: Form = "natural"): void {
    this.#forms.set(value, { ...this.#forms.get(value), [form]: name });
  }

  /** The form in which element-wise kernels and movements of `values` add no transposes: that of the largest of them. */
  preferredForm(values: readonly Value[]): Form {
    const largest = values.reduce((a, b) => size(b) > size(a) ? b : a);
    // A value of lower rank exists in the channels-first form only as an operand to broadcast.
    return largest.shape.length === 4 && this.#forms.get(largest)?.channelsFirst ? "channelsFirst" : "natural";
  }

  /** The name of `value` in the given form, in which an operand of lower rank broadcasts as it does in the natural one. */
  name(value: Value, form: Form = "natural"): Name {
    const forms = this.#forms.get(value) ?? {};
    const known = forms[form];
    if (known) return known;
    const made = form === "natural" ? this.#natural(value, forms.channelsFirst) : this.#channelsFirst(value);
    this.define(value, made, form);
    return made;
  }

  #natural(value: Value, channelsFirst: Name | undefined): Name {
    if (value.constant) return this.#constant(value.constant, value);
    if (channelsFirst) return this.builder.node("Transpose", [channelsFirst], { perm: TO_NATURAL });
    throw new Error("a kernel reads a value that no kernel before it made");
  }

  #channelsFirst(value: Value): Name {
    if (value.shape.length === 0) return this.name(value);
    const shape = [...Array(4 - value.shape.length).fill(1), ...value.shape] as number[];
    // With one row and column, or one channel, both forms have their elements in the same order.
    if (shape[1]! * shape[2]! === 1 || shape[3] === 1) {
      const permuted = permuteTo("channelsFirst", shape);
      if (value.constant) return this.#constant(value.constant, { ...value, shape: permuted });
      return `${permuted}` === `${value.shape}` ? this.name(value) : this.reshape(this.name(value), permuted);
    }
    const natural = value.shape.length === 4 ? this.name(value) : this.reshape(this.name(value), shape);
    return this.builder.node("Transpose", [natural], { perm: TO_CHANNELS_FIRST });
  }

  /** A constant; a large one of equal elements is written as one element and its shape. */
  #constant(data: HostArray, { shape, dtype }: ValueType): Name {
    if (data.length < UNIFORM_ELEMENTS || !isUniform(data)) return this.builder.constant(data, shape, dtype);
    const element = this.builder.constant(data.slice(0, 1), [], dtype);
    return this.builder.node("Expand", [element, this.builder.integers(shape)]);
  }

  /** Adds a reshape; one dimension may be dynamic. */
  reshape(name: Name, shape: readonly number[]): Name {
    if (shape.filter((size) => size === DYNAMIC).length > 1) {
      throw new Error(`cannot reshape to [${shape}]: more than one dimension is dynamic`);
    }
    return this.builder.node("Reshape", [name, this.builder.integers(shape)]);
  }
}

/** The axis of `form` that is axis `axis` of the natural form. */
export const axisIn = (form: Form, axis: number): number => form === "natural" ? axis : CHANNELS_FIRST_AXIS[axis]!;

/** Numbers given for every axis of the natural form, in the order of `form`. */
export const permuteTo = <T>(form: Form, perAxis: readonly T[]): readonly T[] =>
  form === "natural" ? perAxis : TO_CHANNELS_FIRST.map((axis) => perAxis[axis]!);

/** Whether all elements of a constant are the same number. */
export const isUniform = (data: HostArray, element = data[0]): boolean => data.every((x) => x === element);

const size = ({ shape }: Value) => shape.reduce((product, dimension) => product * Math.abs(dimension), 1);
