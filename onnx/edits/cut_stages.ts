/**
 * Cuts an ONNX graph at its sums over processes into stages. A runtime runs the stages in order and exchanges the sums between
 * them.
 *
 * A node's stage is the number of sums on the longest path to it, so independent sums, such as those of the branches of a
 * block, share one exchange. Nodes that only move or compare the elements of a value wait for the stage that needs them: that
 * stage then reads the value, which it often reads anyway.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "../file/generated/onnx_pb.ts";
import { ALL_REDUCE } from "../trace/all_reduce.ts";
import { COLLECTIVE } from "../file/domains.ts";
import { type ElementName, type Name, valueInfo } from "../file/encode.ts";

/** A sum over processes. It is float32 and has the shape of its input. */
export interface Collective {
  readonly input: Name;
  readonly output: Name;
}

/** The type of a value, known once the stage that makes it is compiled. */
export interface StageValue {
  readonly shape: readonly number[];
  readonly dtype: ElementName;
}

/** A part of a graph. */
export interface Stage {
  /** The values it reads: inputs of the graph, outputs of earlier stages, sums. */
  readonly inputs: readonly Name[];
  /** The values it makes for later stages, for the sums after it and for the caller. */
  readonly outputs: readonly Name[];
  /** The outputs of the graph. */
  readonly given: ReadonlySet<Name>;
  /** The sums over the processes after it. */
  readonly sums: readonly Collective[];
  /**
   * Writes the stage as a model of its own.
   *
   * @param values the types of the inputs that are no inputs of the graph
   */
  build(values: ReadonlyMap<Name, StageValue>): Uint8Array<ArrayBuffer>;
}

/** Operators that are cheaper than keeping their result: they move the elements of one value, or change each by itself. */
const LIGHT = new Set([
  ...["Concat", "Expand", "Identity", "Pad", "Reshape", "Slice", "Split", "Transpose", "Unsqueeze"],
  ...["Add", "Cast", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "Mul", "Not", "Sub"],
]);

/** Cuts a model into stages, in the order in which they run. */
export function cutAtCollectives(model: Uint8Array): Stage[] {
  const proto = fromBinary(ModelProtoSchema, model);
  const graph = proto.graph!;
  const stageOf = stagesOfNodes(graph);
  const lastRead = lastReaders(graph, stageOf);
  const given = new Set(graph.output.map(({ name }) => name));
  return Array.from({ length: 1 + Math.max(0, ...stageOf.values()) }, (_, stage): Stage => {
    const nodes = graph.node.filter((node) => !isSum(node) && stageOf.get(node) === stage);
    const made = nodes.flatMap(({ output }) => output);
    const constants = new Set([...made, ...graph.initializer.map(({ name }) => name)]);
    const inputs = [...new Set(nodes.flatMap(({ input }) => input))].filter((name) => name && !constants.has(name));
    const outputs = made.filter((name) => (lastRead.get(name) ?? stage) > stage);
    return {
      inputs,
      outputs,
      given,
      sums: graph.node.filter((node) => isSum(node) && stageOf.get(node) === stage + 1)
        .map(({ input, output }) => ({ input: input[0]!, output: output[0]! })),
      build: (values) => modelOf(proto, { nodes, inputs, outputs }, values),
    };
  });
}

export const isSum = ({ domain, opType }: NodeProto) => domain === COLLECTIVE && opType === ALL_REDUCE;

/** Finds the stage of every node; a sum has the stage of its result. */
export function stagesOfNodes({ node: nodes, output }: GraphProto): ReadonlyMap<NodeProto, number> {
  const earliest = new Map<Name, number>(), stages = new Map<NodeProto, number>();
  for (const node of nodes) {
    const stage = Math.max(0, ...node.input.map((name) => earliest.get(name) ?? 0)) + (isSum(node) ? 1 : 0);
    stages.set(node, stage);
    for (const name of node.output) earliest.set(name, stage);
  }
  const mayWait = nodesThatMayWait(nodes);
  // Backwards, so that the stages of a node's readers are known.
  const neededIn = new Map(output.map(({ name }) => [name, earliest.get(name) ?? 0]));
  for (const node of nodes.toReversed()) {
    const needed = Math.min(...node.output.map((name) => neededIn.get(name) ?? Infinity));
    if (mayWait.has(node) && Number.isFinite(needed)) stages.set(node, needed);
    const reads = stages.get(node)! - (isSum(node) ? 1 : 0);
    for (const name of node.input) neededIn.set(name, Math.min(reads, neededIn.get(name) ?? Infinity));
  }
  return stages;
}

/** Finds the nodes that a later stage can compute without keeping more values: they read at most one that depends on a sum. */
function nodesThatMayWait(nodes: readonly NodeProto[]): ReadonlySet<NodeProto> {
  const afterSum = new Set<Name>();
  const waiting = nodes.filter((node) => {
    const read = new Set(node.input.filter((name) => afterSum.has(name))).size;
    if (read > 0 || isSum(node)) { for (const name of node.output) afterSum.add(name); }
    return !isSum(node) && (read === 0 || (read === 1 && LIGHT.has(node.opType)));
  });
  return new Set(waiting);
}

/** Finds the last stage that reads each value. A value that is summed or returned is read after all stages. */
function lastReaders(
  { node: nodes, output }: GraphProto,
  stageOf: ReadonlyMap<NodeProto, number>,
): ReadonlyMap<Name, number> {
  const last = new Map<Name, number>(output.map(({ name }) => [name, Infinity]));
  for (const node of nodes) {
    const stage = isSum(node) ? Infinity : stageOf.get(node)!;
    for (const name of node.input) last.set(name, Math.max(stage, last.get(name) ?? -1));
  }
  return last;
}

/** The nodes and values of a stage. */
interface Part extends Pick<Stage, "inputs" | "outputs"> {
  readonly nodes: readonly NodeProto[];
}

function modelOf(
  { graph, ...model }: ModelProto,
  { nodes, inputs, outputs }: Part,
  values: ReadonlyMap<Name, StageValue>,
): Uint8Array<ArrayBuffer> {
  const given = new Map<Name, ValueInfoProto>(graph!.input.map((input) => [input.name, input]));
  const used = new Set(nodes.flatMap(({ input }) => input));
  const part = create(ModelProtoSchema, {
    ...model,
    opsetImport: model.opsetImport.filter(({ domain }) => domain !== COLLECTIVE),
    graph: create(GraphProtoSchema, {
      name: graph!.name,
      node: [...nodes],
      initializer: graph!.initializer.filter(({ name }) => used.has(name)),
      input: inputs.map((name) => given.get(name) ?? valueInfo(name, values.get(name)!)),
      // The runtime infers their types.
      output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
    }),
  });
  return toBinary(ModelProtoSchema, part) as Uint8Array<ArrayBuffer>;
}
