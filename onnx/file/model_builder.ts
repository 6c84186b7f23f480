/**
 * Writes an ONNX model node by node.
 *
 * Nodes are pure, so equal nodes, and equal constants, are written once.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
} from "./generated/onnx_pb.ts";
import { ONNX, opsetImports } from "./domains.ts";
import { attribute, type ElementName, elementType, type Name, type OnnxAttribute, valueInfo } from "./encode.ts";
import type { DataType, HostArray, ValueType } from "../graph/graph.ts";

/** The properties of a model's file beside its graph. */
export interface ModelProperties {
  /** The name of the graph. */
  readonly name?: string;
  /** A text about the model. */
  readonly description?: string;
  /** `metadata_props`, which every ONNX runtime reads. */
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Node {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly Name[];
  readonly outputs: readonly Name[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

const IR_VERSION = 8n;
/** Constants above this size are not compared with the others. */
const COMPARED_ELEMENTS = 4096;

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Tells -0 from 0. */
const elementsKey = (data: ArrayLike<number | bigint>) =>
  Array.from(data, (element) => Object.is(element, -0) ? "-0" : String(element)).join();

export class ModelBuilder {
  readonly #nodes: Node[] = [];
  readonly #nodeByKey = new Map<string, Name[]>();
  readonly #initializers: TensorProto[] = [];
  readonly #constantByKey = new Map<string, Name>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: { name: Name; from: Name; type: ValueType }[] = [];
  #sizeNames: readonly Name[] = [];

  /** @param opset version of the ONNX operators, 13 to 21 */
  constructor(readonly opset: number) {}

  /** Names the dynamic sizes of inputs and outputs, from the first one. */
  nameSizes(sizes: readonly { readonly name: Name }[]): void {
    this.#sizeNames = sizes.map(({ name }) => name);
  }

  /** Declares a graph input. Dynamic dimensions without a name get one of their axis: `<name>_<axis>`, the first one `batch`. */
  input(name: Name, { shape, dtype }: { shape: readonly number[]; dtype: ElementName }): Name {
    this.#inputs.push(valueInfo(name, { shape, dtype }, this.#sizeNames));
    return name;
  }

  /** Declares that the graph's output `name` is the value `from`. */
  output(name: Name, from: Name, type: ValueType): void {
    this.#outputs.push({ name, from, type });
  }

  /** Adds a node of one output and returns the output's name. */
  node(
    type: string,
    inputs: readonly Name[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: string = ONNX,
  ): Name {
    return this.nodes(type, inputs, attributes, 1, domain)[0]!;
  }

  /** Adds a node of several outputs. An equal node of fewer outputs gets more. */
  nodes(
    type: string,
    inputs: readonly Name[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    count: number,
    domain: string = ONNX,
  ): readonly Name[] {
    const key = `${domain}.${type}(${inputs.join()})${JSON.stringify(attributes)}`;
    const known = this.#nodeByKey.get(key);
    if (known) {
      while (known.length < count) known.push(`${known[0]}_${known.length}`);
      return known;
    }
    const stem = `${type}_${this.#nodes.length}`;
    const outputs = Array.from({ length: count }, (_, at) => count === 1 ? stem : `${stem}_${at}`);
    this.#nodes.push({ type, domain, inputs, outputs, attributes });
    this.#nodeByKey.set(key, outputs);
    return outputs;
  }

  /** Adds a constant. */
  constant(data: HostArray | Float64Array | BigInt64Array, shape: readonly number[], dtype: ElementName): Name {
    const key = data.length <= COMPARED_ELEMENTS ? `${dtype}[${shape}]${elementsKey(data)}` : undefined;
    const known = key && this.#constantByKey.get(key);
    if (known) return known;
    const name = `constant_${this.#initializers.length}`;
    this.#initializers.push(create(TensorProtoSchema, {
      name,
      dims: shape.map(BigInt),
      dataType: elementType[dtype],
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
    }));
    if (key) this.#constantByKey.set(key, name);
    return name;
  }

  /** A constant number of rank 0. */
  scalar(value: number, dtype: DataType | "float64" = "float32"): Name {
    return this.constant(arrayTypes[dtype].of(value), [], dtype);
  }

  /** A constant int64 of rank 0. */
  integer(value: number): Name {
    return this.constant(BigInt64Array.of(BigInt(value)), [], "int64");
  }

  /** A constant list of int64, as ONNX takes shapes and axes. */
  integers(values: readonly number[]): Name {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  /** The model as the bytes of its file. */
  build({ name = "graph", description = "", metadata = {} }: ModelProperties = {}): Uint8Array<ArrayBuffer> {
    const renamed = this.#renameOutputs();
    const rename = (value: Name) => renamed.get(value) ?? value;
    const nodes = this.#neededNodes();
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: "shakenet-deno",
      docString: description,
      opsetImport: opsetImports(nodes.map(({ domain }) => domain), this.opset),
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: nodes.map((node) =>
          create(NodeProtoSchema, {
            opType: node.type,
            domain: node.domain,
            name: node.outputs[0]!,
            input: node.inputs.map(rename),
            output: node.outputs.map(rename),
            attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
          })
        ),
        initializer: this.#initializers.filter(({ name }) => read.has(name)),
        input: this.#inputs,
        output: this.#outputs.map(({ name, type }) => valueInfo(name, type, this.#sizeNames)),
      },
    });
    return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
  }

  /** Lists the nodes that outputs depend on. */
  #neededNodes(): readonly Node[] {
    const needed = new Set(this.#outputs.flatMap(({ name, from }) => [name, from]));
    return this.#nodes.toReversed().filter(({ inputs, outputs }) => {
      if (!outputs.some((name) => needed.has(name))) return false;
      for (const name of inputs) needed.add(name);
      return true;
    }).reverse();
  }

  /** Renames the values that are outputs. An `Identity` node copies an input, a constant, or a value that is an output twice. */
  #renameOutputs(): ReadonlyMap<Name, Name> {
    const produced = new Set(this.#nodes.flatMap(({ outputs }) => outputs));
    const renamed = new Map<Name, Name>();
    for (const { name, from } of this.#outputs) {
      if (produced.has(from) && !renamed.has(from)) renamed.set(from, name);
      else this.#nodes.push({ type: "Identity", domain: ONNX, inputs: [from], outputs: [name], attributes: {} });
    }
    return renamed;
  }
}
