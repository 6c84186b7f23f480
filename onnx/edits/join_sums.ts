/**
 * Joins the sums over processes of a graph that do not depend on each other, such as those of a block's branches and skip,
 * into one node with several inputs and outputs. Every sum then depends on the one before, so all processes compute them in
 * the same order, whatever order their runtimes choose for the other nodes.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto, NodeProtoSchema } from "../file/generated/onnx_pb.ts";
import { isSum, stagesOfNodes } from "./cut_stages.ts";

/** Returns the model with one sum between two stages. */
export function joinSums(model: Uint8Array): Uint8Array<ArrayBuffer> {
  const proto = fromBinary(ModelProtoSchema, model);
  const graph = proto.graph!;
  const stageOf = stagesOfNodes(graph);
  const stages = 1 + Math.max(0, ...stageOf.values());
  graph.node = Array.from({ length: stages }, (_, stage) => {
    const nodes = graph.node.filter((node) => stageOf.get(node) === stage);
    return [...joined(nodes.filter(isSum)), ...nodes.filter((node) => !isSum(node))];
  }).flat();
  return toBinary(ModelProtoSchema, proto) as Uint8Array<ArrayBuffer>;
}

function joined(sums: readonly NodeProto[]): NodeProto[] {
  const [first] = sums;
  if (!first) return [];
  const { domain, opType, name } = first;
  const input = sums.flatMap(({ input }) => input), output = sums.flatMap(({ output }) => output);
  return [create(NodeProtoSchema, { domain, opType, name, input, output })];
}
