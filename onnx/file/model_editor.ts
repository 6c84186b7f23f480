/**
 * Edits an existing ONNX model: producers, consumers, constants, nodes.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { attribute, type Name, type OnnxAttribute } from "./encode.ts";

/** Element types of constants that an edit adds. */
const constantTypes = {
  float32: ElementType.FLOAT,
  float16: ElementType.FLOAT16,
  int8: ElementType.INT8,
  uint8: ElementType.UINT8,
  int32: ElementType.INT32,
  int64: ElementType.INT64,
} as const;

export type ConstantData = Float32Array | Float16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** Holds an ONNX model while it is edited. */
export class ModelEditor {
  readonly model: ModelProto;
  readonly #constants: Map<Name, TensorProto>;
  readonly #taken: Set<Name>;

  constructor(bytes: Uint8Array) {
    this.model = fromBinary(ModelProtoSchema, bytes);
    const { node, initializer, input } = this.graph;
    this.#constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
    this.#taken = new Set([
      ...node.flatMap(({ output }) => output),
      ...this.#constants.keys(),
      ...input.map((v) => v.name),
    ]);
  }

  get graph(): NonNullable<ModelProto["graph"]> {
    return this.model.graph!;
  }

  /** The constant of a name, if it names one. */
  constant(name: Name | undefined): TensorProto | undefined {
    return name === undefined ? undefined : this.#constants.get(name);
  }

  /** Maps every value to the node that produces it. */
  producers(): ReadonlyMap<Name, NodeProto> {
    return new Map(this.graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  }

  /** Maps every value to the nodes that consume it, and an output of the graph to `undefined` too. */
  consumers(): ReadonlyMap<Name, readonly (NodeProto | undefined)[]> {
    const consumers = new Map<Name, (NodeProto | undefined)[]>();
    const add = (name: Name, node: NodeProto | undefined) => consumers.set(name, [...consumers.get(name) ?? [], node]);
    for (const node of this.graph.node) for (const name of new Set(node.input)) add(name, node);
    for (const { name } of this.graph.output) add(name, undefined);
    return consumers;
  }

  /** Reserves a name that no value has yet. */
  fresh(stem: string): Name {
    let name = stem;
    for (let count = 2; this.#taken.has(name); count++) name = `${stem}_${count}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds a constant. */
  addConstant(stem: string, data: ConstantData, shape: readonly number[]): Name {
    const name = this.fresh(stem);
    const tensor = create(TensorProtoSchema, {
      name,
      dims: shape.map(BigInt),
      dataType: constantTypes[typeOf(data)],
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
    });
    this.graph.initializer.push(tensor);
    this.#constants.set(name, tensor);
    return name;
  }

  /** Replaces every node by nodes. They must keep topological order: none reads a value that a later node produces. */
  rewriteNodes(rewrite: (node: NodeProto) => readonly NodeProto[]): void {
    this.graph.node = this.graph.node.flatMap(rewrite);
  }

  /** Makes values outputs of the graph too. The runtime infers their types. */
  addOutputs(names: readonly Name[]): void {
    const existing = new Set(this.graph.output.map(({ name }) => name));
    for (const name of new Set(names)) {
      if (!existing.has(name)) this.graph.output.push(create(ValueInfoProtoSchema, { name }) as ValueInfoProto);
    }
  }

  /** Finds the nodes that some values depend on. */
  nodesFor(values: readonly Name[]): ReadonlySet<NodeProto> {
    const read = new Set(values), needed = new Set<NodeProto>();
    for (const node of this.graph.node.toReversed()) {
      if (!node.output.some((name) => read.has(name))) continue;
      needed.add(node);
      for (const name of node.input) read.add(name);
    }
    return needed;
  }

  /** Removes the nodes that no output of the graph depends on. */
  removeUnread(): void {
    const needed = this.nodesFor(this.graph.output.map(({ name }) => name));
    this.graph.node = this.graph.node.filter((node) => needed.has(node));
  }

  /** Encodes the model as the bytes of its file, without constants that nothing reads. */
  build(): Uint8Array<ArrayBuffer> {
    const consumed = this.consumers();
    this.graph.initializer = this.graph.initializer.filter(({ name }) => consumed.has(name));
    return toBinary(ModelProtoSchema, this.model) as Uint8Array<ArrayBuffer>;
  }
}

/** Makes a node that is in no graph yet. */
export function newNode(
  type: string,
  inputs: readonly Name[],
  output: Name,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType: type,
    name: output,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

/**
 * The elements of a constant.
 *
 * @throws {Error} if it is not of type float32
 */
export function floatsOf({ name, dataType, rawData }: TensorProto): Float32Array {
  if (dataType !== ElementType.FLOAT) throw new Error(`constant ${name} is not float32`);
  return new Float32Array(rawData.slice().buffer);
}

/** The dimensions of a constant. */
export const shapeOf = ({ dims }: TensorProto): number[] => dims.map(Number);

/** True if a value is a constant of type float32. */
export const isFloat = (tensor: TensorProto | undefined): boolean => tensor?.dataType === ElementType.FLOAT;

/** Finds an attribute of a node. */
export const attributeOf = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute.find((attribute) => attribute.name === name);

function typeOf(data: ConstantData): keyof typeof constantTypes {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float16Array) return "float16";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof BigInt64Array) return "int64";
  return data instanceof Uint8Array ? "uint8" : "int32";
}
