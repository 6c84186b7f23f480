/**
 * Blocked operators in terms of standard ones, for any size of a block. onnxruntime's own kernels have the block of the
 * processor that they run on, so graphs for other processors run here only in this way.
 *
 * A blocked image is [batch, channels / block, height, width, block] in memory, and is declared as [batch, channels, height,
 * width]. A filter is [out / block, in / block, height, width, block of in, block of out]; [out / block, in, height, width,
 * block of out] if it reads an image that is not blocked; and [channels / block, height, width, block] for single channels
 * (onnxruntime's mlas/lib/snchwc.cpp and reorder.cpp).
 */
import { BLOCKED } from "../../onnx/file/domains.ts";
import type { Name, OnnxAttribute } from "../../onnx/file/encode.ts";
import type { NodeProto } from "../../onnx/file/generated/onnx_pb.ts";
import { attributeOf, ModelEditor, newNode } from "../../onnx/file/model_editor.ts";

/** Replaces the blocked operators of a model whose blocks have so many channels. */
export function withoutBlocks(model: Uint8Array, block: number): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(model);
  const producers = editor.producers();
  editor.rewriteNodes((node) => node.domain === BLOCKED ? new Replacement(editor, block, producers).of(node) : [node]);
  return editor.build();
}

class Replacement {
  readonly #nodes: NodeProto[] = [];

  constructor(
    readonly editor: ModelEditor,
    readonly block: number,
    readonly producers: ReadonlyMap<Name, NodeProto>,
  ) {}

  of(node: NodeProto): NodeProto[] {
    const [x] = node.input as [Name], [output] = node.output as [Name];
    const isLast = attributeOf(node, "channels_last")?.i === 1n;
    if (node.opType === "ReorderInput") {
      this.#blocked(isLast ? this.#transpose(x, [0, 3, 1, 2]) : x, output);
    } else if (node.opType === "ReorderOutput") {
      const image = this.#unblocked(x);
      if (isLast) this.#transpose(image, [0, 2, 3, 1], output);
      else this.#add("Identity", [image], {}, output);
    } else this.#convolution(node, output);
    return this.#nodes;
  }

  #convolution(node: NodeProto, output: Name): void {
    const [x, w, bias, addend] = node.input as [Name, Name, Name?, Name?];
    const group = Number(attributeOf(node, "group")?.i ?? 1n);
    const [height, width] = attributeOf(node, "kernel_shape")!.ints.map(Number) as [number, number];
    const few = group === 1 && this.#channelsOf(w) < this.block;
    const filter = group > 1 ? this.#filterOfChannels(w, height, width) : this.#filter(w, few);
    const activation = attributeOf(node, "activation"), limits = attributeOf(node, "activation_params")?.floats;
    const convolution = newNode("Conv", [few ? x : this.#unblocked(x), filter, ...bias ? [bias] : []], this.#name());
    convolution.attribute = node.attribute.filter(({ name }) => !name.startsWith("activation"));
    this.#nodes.push(convolution);
    let result = convolution.output[0]!;
    if (addend) result = this.#add("Add", [result, this.#unblocked(addend)]);
    if (activation) {
      const bounds = limits?.map((limit) => this.editor.addConstant("limit", Float32Array.of(limit), [])) ?? [];
      result = this.#add(new TextDecoder().decode(activation.s), [result, ...bounds]);
    }
    this.#blocked(result, output);
  }

  /** The declared channels of a filter's images: every filter is reshaped to known sizes. */
  #channelsOf(filter: Name): number {
    const constant = this.editor.constant(filter);
    if (constant) return Number(constant.dims[1]);
    const shape = this.editor.constant(this.producers.get(filter)?.input[1]);
    if (!shape) throw new Error(`filter ${filter} is not reshaped to known sizes`);
    return Number(new BigInt64Array(shape.rawData.slice().buffer)[1]);
  }

  #unblocked(image: Name): Name {
    const blocks = this.#reshape(image, [0, -1, 0, 0, this.block]);
    return this.#transpose(this.#reshape(this.#transpose(blocks, [0, 2, 3, 1, 4]), [0, 0, 0, -1]), [0, 3, 1, 2]);
  }

  #blocked(image: Name, output: Name): void {
    const natural = this.#reshape(this.#transpose(image, [0, 2, 3, 1]), [0, 0, 0, -1, this.block]);
    this.#add("Reshape", [this.#transpose(natural, [0, 3, 1, 2, 4]), this.#add("Shape", [image])], {}, output);
  }

  #filter(filter: Name, few: boolean): Name {
    const { block } = this, shape = this.#add("Shape", [filter]);
    const parts = this.#add("Div", [shape, this.#integers(few ? [block, 1, 1, 1] : [block, block, 1, 1])]);
    const sizes = this.#add("Concat", [parts, this.#integers(few ? [block] : [block, block])], { axis: 0 });
    const apart = this.#add("Reshape", [filter, sizes]);
    return this.#add("Reshape", [this.#transpose(apart, few ? [0, 4, 1, 2, 3] : [0, 5, 1, 4, 2, 3]), shape]);
  }

  #filterOfChannels(filter: Name, height: number, width: number): Name {
    const apart = this.#reshape(filter, [-1, height, width, this.block]);
    return this.#reshape(this.#transpose(apart, [0, 3, 1, 2]), [-1, 1, height, width]);
  }

  #reshape = (x: Name, shape: readonly number[]): Name => this.#add("Reshape", [x, this.#integers(shape)]);
  #transpose = (x: Name, perm: readonly number[], output?: Name): Name => this.#add("Transpose", [x], { perm }, output);
  #integers = (numbers: readonly number[]): Name =>
    this.editor.addConstant("integers", BigInt64Array.from(numbers.map(BigInt)), [numbers.length]);
  #name = (): Name => this.editor.fresh("without_blocks");

  #add(
    type: string,
    inputs: readonly Name[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output: Name = this.#name(),
  ): Name {
    this.#nodes.push(newNode(type, inputs, output, attributes));
    return output;
  }
}
