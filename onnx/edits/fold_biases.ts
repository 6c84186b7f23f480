/**
 * Folds a constant of one number per filter, added to the result of a convolution, into the convolution's bias.
 *
 *     Add(Conv(x, w), b)  ->  Conv(x, w, b)
 *
 * @module
 */
import type { NodeProto } from "../file/generated/onnx_pb.ts";
import type { Name } from "../file/encode.ts";
import { floatsOf, isFloat, type ModelEditor, shapeOf } from "../file/model_editor.ts";

/** Folds the biases of a model's convolutions. */
export function foldBiases(editor: ModelEditor): void {
  const producers = editor.producers(), consumers = editor.consumers();
  const folded = new Set<NodeProto>();
  for (const add of editor.graph.node) {
    if (add.opType !== "Add") continue;
    const [a, b] = add.input as [Name, Name];
    const [sum, bias] = editor.constant(b) ? [a, b] : [b, a];
    const convolution = producers.get(sum), constant = editor.constant(bias);
    if (convolution?.opType !== "Conv" || convolution.input.length !== 2 || !isFloat(constant)) continue;
    const filter = editor.constant(convolution.input[1]), [shared, ...others] = consumers.get(sum)!;
    if (!filter || shared !== add || others.length > 0) continue;
    const filters = shapeOf(filter)[0]!;
    if (!isPerFilter(shapeOf(constant!), filters)) continue;
    convolution.input.push(editor.addConstant("bias", floatsOf(constant!), [filters]));
    convolution.output = [...add.output];
    folded.add(add);
  }
  editor.rewriteNodes((node) => folded.has(node) ? [] : [node]);
}

/** True if a shape is [filters, 1, 1], with a batch of 1 or none. */
const isPerFilter = (shape: readonly number[], filters: number) =>
  [`${filters},1,1`, `1,${filters},1,1`].includes(`${shape}`);
