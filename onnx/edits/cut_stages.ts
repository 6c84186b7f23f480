/**
 * Cuts an ONNX graph at its sums over processes into stages that a runtime can run one after the other, with the sums of
 * all that a stage has made between it and the next.
 *
 * A node's stage is the number of sums on the longest way to it, so what does not depend on each other, such as the
 * branches of a block, is summed together. Nodes that only move or compare the elements of a value wait for the stage that
 * needs them: that stage then reads the value, which often goes there anyway.
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
import { COLLECTIVE } from "../lowerings/lowering.ts";
import { type ElementName, type Name, valueInfo } from "../file/model_builder.ts";

/** A sum over processes: float32, of the shape of its input. */
export interface Collective {
  readonly input: Name;
  readonly output: Name;
}

/** What is known of a value once the stage that makes it is compiled. */
export interface StageValue {
  readonly shape: readonly number[];
  readonly dtype: ElementName;
}

/** A part of a graph. */
export interface Stage {
  /** What it reads: inputs of the graph, outputs of earlier stages, sums. */
  readonly inputs: readonly Name[];
  /** What it makes for later stages, for the sums after it and for the caller. */
  readonly outputs: readonly Name[];
  /** The outputs of the graph. */
  readonly given: ReadonlySet<Name>;
  /** What is summed over the processes after it. */
  readonly sums: readonly Collective[];
  /**
   * Writes it as a model of its own.
   *
   * @param values types of those of its inputs that are no inputs of the graph
   */
  build(values: ReadonlyMap<Name, StageValue>): Uint8Array<ArrayBuffer>;
}

/** Operators that cost less than to keep their result: they move the elements of one value, or change each for itself. */
const LIGHT = new Set([
  ...["Concat", "Expand", "Identity", "Pad", "Reshape", "Slice", "Split", "Transpose", "Unsqueeze"],
  ...["Add", "Cast", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "Mul", "Not", "Sub"],
]);

/** The stages of a model, in the order in which they run. */
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

const isSum = ({ domain, opType }: NodeProto) => domain === COLLECTIVE && opType === ALL_REDUCE;

/** The stage of every node; a sum has that of its result. */
function stagesOfNodes({ node: nodes, output }: GraphProto): ReadonlyMap<NodeProto, number> {
  const earliest = new Map<Name, number>(), stages = new Map<NodeProto, number>();
  for (const node of nodes) {
    const stage = Math.max(0, ...node.input.map((name) => earliest.get(name) ?? 0)) + (isSum(node) ? 1 : 0);
    stages.set(node, stage);
    for (const name of node.output) earliest.set(name, stage);
  }
  const mayWait = nodesThatMayWait(nodes);
  // From the end, so that the stages of what reads a node's results are known.
  const neededIn = new Map(output.map(({ name }) => [name, earliest.get(name) ?? 0]));
  for (const node of nodes.toReversed()) {
    const needed = Math.min(...node.output.map((name) => neededIn.get(name) ?? Infinity));
    if (mayWait.has(node) && Number.isFinite(needed)) stages.set(node, needed);
    const reads = stages.get(node)! - (isSum(node) ? 1 : 0);
    for (const name of node.input) neededIn.set(name, Math.min(reads, neededIn.get(name) ?? Infinity));
  }
  return stages;
}

/** Nodes that can be computed in a later stage without keeping more for it: at most one value that a sum went into. */
function nodesThatMayWait(nodes: readonly NodeProto[]): ReadonlySet<NodeProto> {
  const afterSum = new Set<Name>();
  const waiting = nodes.filter((node) => {
    const read = new Set(node.input.filter((name) => afterSum.has(name))).size;
    if (read > 0 || isSum(node)) { for (const name of node.output) afterSum.add(name); }
    return !isSum(node) && (read === 0 || (read === 1 && LIGHT.has(node.opType)));
  });
  return new Set(waiting);
}

/** The last stage that reads a value; what is summed or given to the caller is read after all of them. */
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
