/**
 * Models that take pictures of any size: the resizing of `predict` in front of a model of `uint8-nhwc`.
 *
 * @module
 */
import { ModelEditor } from "../onnx/file/model_editor.ts";
import { withDigest, withMetadata } from "./model_file.ts";
import { type GraphFit, resizeModel } from "./resize_graph.ts";

const PREFIX = "resize/";

/**
 * Puts resizing in front of a model of `uint8-nhwc`, of any precision.
 *
 * @param size height and width of the network's images
 */
export function withAnySize(bytes: Uint8Array, size: number, fit: GraphFit): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(bytes);
  const { opsetImport, graph } = editor.model;
  const opset = Number(opsetImport.find(({ domain }) => domain === "")!.version);
  const resize = new ModelEditor(resizeModel(opset, size, fit)).graph;
  const inner = (name: string) => name === "image" ? name : PREFIX + name;
  for (const node of resize.node) {
    node.name = PREFIX + node.name;
    node.input = node.input.map(inner);
    node.output = node.output.map(inner);
  }
  for (const constant of resize.initializer) constant.name = inner(constant.name);
  for (const node of graph!.node) node.input = node.input.map((name) => name === "image" ? `${PREFIX}pixels` : name);
  graph!.node.unshift(...resize.node);
  graph!.initializer.push(...resize.initializer);
  graph!.input = resize.input;
  return withDigest(withMetadata(editor.build(), { input: "uint8-any", imageSize: String(size) }));
}
