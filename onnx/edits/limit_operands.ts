/**
 * Splits nodes with many operands into trees of nodes with few. WebGPU binds every operand of a kernel as a buffer, and a
 * device guarantees 8 of them ({@link https://www.w3.org/TR/webgpu/#limits maxStorageBuffersPerShaderStage}).
 *
 *     Concat(a, b, c, d, e)            ->  Concat(Concat(a, b), Concat(c, d), e)             with at most 4 operands
 *     a, b, c, d, e = Split(x)         ->  ab, cd, e = Split(x); a, b = Split(ab); c, d = Split(cd)
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { type NodeProto, NodeProtoSchema, type TensorProto } from "../file/generated/onnx_pb.ts";
import type { Name } from "../file/encode.ts";
import { ModelEditor } from "../file/model_editor.ts";

/** Storage buffers of a shader stage that every WebGPU device has. */
export const WEBGPU_BUFFERS = 8;

/** Rewrites a node of an operator as nodes with at most `most` inputs or outputs on their long side. */
type Limit = (node: NodeProto, most: number, editor: ModelEditor) => NodeProto[];

/** Operators that take or give any number of values. */
const limits: Readonly<Record<string, Limit>> = {
  Concat: limitInputs,
  Max: limitInputs,
  Min: limitInputs,
  Split: limitOutputs,
  Sum: limitInputs,
};

/**
 * Returns the model with at most so many operands, inputs and outputs together, of each node that takes or gives any number
 * of values. A `Split` whose lengths are computed stays as it is.
 */
export function limitOperands(model: Uint8Array, operands = WEBGPU_BUFFERS): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(model);
  editor.rewriteNodes((node) => limits[node.opType]?.(node, operands - 1, editor) ?? [node]);
  return editor.build();
}

function limitInputs(node: NodeProto, most: number, editor: ModelEditor): NodeProto[] {
  const nodes: NodeProto[] = [];
  const input = joinedInGroups<Name>(node.input, most, (group) => {
    const part = editor.fresh(`${node.output[0]}_part`);
    nodes.push(likeNode(node, group, [part]));
    return part;
  });
  return [...nodes, likeNode(node, input, node.output)];
}

/** A result of a `Split`, and its length along the axis. */
interface Part {
  readonly name: Name;
  readonly length: number;
}

function limitOutputs(node: NodeProto, most: number, editor: ModelEditor): NodeProto[] {
  const [whole, lengthsName] = node.input as [Name, Name?];
  const lengths = editor.constant(lengthsName);
  if (node.output.length <= most || !lengths) return [node];
  const nodes: NodeProto[] = [];
  const split = (name: Name, parts: readonly Part[]) => {
    const list = BigInt64Array.from(parts, ({ length }) => BigInt(length));
    const sizes = editor.addConstant(lengths.name, list, [parts.length]);
    // A part is split after the whole that it is a part of.
    nodes.unshift(likeNode(node, [name, sizes], parts.map(({ name }) => name)));
  };
  const parts = integersOf(lengths).map((length, at): Part => ({ name: node.output[at]!, length }));
  const top = joinedInGroups(parts, most, (group) => {
    const joined = {
      name: editor.fresh(`${node.output[0]}_part`),
      length: group.reduce((sum, part) => sum + part.length, 0),
    };
    split(joined.name, group);
    return joined;
  });
  split(whole, top);
  return nodes;
}

/** Joins consecutive items in groups, level by level, until at most `most` are left. A group of one is its item. */
function joinedInGroups<Item>(items: readonly Item[], most: number, join: (group: readonly Item[]) => Item): Item[] {
  let level = [...items];
  while (level.length > most) {
    level = Array.from({ length: Math.ceil(level.length / most) }, (_, at) => {
      const group = level.slice(at * most, (at + 1) * most);
      return group.length === 1 ? group[0]! : join(group);
    });
  }
  return level;
}

/** A node of the same operator and attributes. */
const likeNode = (
  { domain, opType, attribute }: NodeProto,
  input: readonly Name[],
  output: readonly Name[],
): NodeProto =>
  create(NodeProtoSchema, {
    ...{ domain, opType, attribute, name: output[0]! },
    ...{ input: [...input], output: [...output] },
  });

/** The elements of a constant of type int64. */
const integersOf = ({ rawData }: TensorProto): number[] => [...new BigInt64Array(rawData.slice().buffer)].map(Number);
