/**
 * Models with the input of image classifiers on the Hugging Face Hub: `pixel_values`, float32 [batch, 3, height, width],
 * normalised, whatever the model took before. Libraries there know no other input.
 *
 * @module
 */
import { ModelEditor, newNode } from "../onnx/file/model_editor.ts";
import { type NodeProto, TensorProto_DataType as ElementType } from "../onnx/file/generated/onnx_pb.ts";
import { valueInfo } from "../onnx/file/encode.ts";
import { DYNAMIC } from "../onnx/internal.ts";
import { withDigest, withMetadata } from "./model_file.ts";
import type { ImageShape, Precision } from "./variants.ts";

const PIXEL_VALUES = "pixel_values";

/** Replaces a model's input `image`, and all nodes between it and the network, by `pixel_values`. */
export function withPixelValues(
  bytes: Uint8Array,
  [height, width, channels]: ImageShape,
  precision: Precision,
): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(bytes), { graph } = editor;
  const transpose = inputTranspose(editor), replaced = transpose?.output[0] ?? "image";
  const earlier = new Set(["image", ...[...editor.nodesFor([replaced])].flatMap(({ output }) => output)]);
  // An explanation reads the size of the batch, which comes first in every form.
  const isBatchSize = ({ opType, input }: NodeProto) => opType === "Shape" && earlier.has(input[0]!);
  const shape = [DYNAMIC, channels, height, width];
  graph.input = [valueInfo(PIXEL_VALUES, { shape, dtype: "float32" }, ["batch"])];
  editor.rewriteNodes((node) => {
    if (node === transpose) {
      // The network of a float16 model reads float16.
      return precision === "fp16" ? [newNode("Cast", [PIXEL_VALUES], replaced, { to: ElementType.FLOAT16 })] : [];
    }
    if (isBatchSize(node)) node.input = [PIXEL_VALUES];
    else if (!transpose || precision !== "fp16") {
      node.input = node.input.map((name) => name === replaced ? PIXEL_VALUES : name);
    }
    return [node];
  });
  editor.removeUnread();
  return withDigest(withMetadata(editor.build(), { input: "float32-nchw" }));
}

/** Finds the Transpose whose result the network reads; a model of `float32-nchw` has none. */
const inputTranspose = (editor: ModelEditor): NodeProto | undefined =>
  editor.graph.node.find(({ opType, input, output }) =>
    opType === "Transpose" && !editor.constant(input[0]) &&
    ![...editor.nodesFor(output)].some(({ opType }) => opType === "Conv")
  );
