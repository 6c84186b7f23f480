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
import { PRODUCER } from "./producer.ts";
import { attribute, type ElementName, elementType, type Name, type OnnxAttribute, valueInfo } from "./encode.ts";
import { exactJson } from "../graph/exact_json.ts";
import type { DataType, HostArray } from "../graph/graph.ts";
import { arrayTypes } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";

/** The properties of a model's file besides its graph. */
export interface ModelProperties {
  /** The name of the graph. */
  readonly name?: string;
  /** A text about the model. */
  readonly description?: string;
  /** `metadata_props`, which every ONNX runtime reads. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The version of the model itself, a whole number; default 1. */
  readonly modelVersion?: number;
}

/** The shape and element type of an input or output. */
interface ElementShape {
  readonly shape: readonly number[];
  readonly dtype: ElementName;
}

/** A node of the model. */
interface Node {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly Name[];
  readonly outputs: readonly Name[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** The version of the file format: 8, or the first one that has the operators. */
const irVersion = (opset: number): bigint => {
  const later = [[21, 10n], [19, 9n]] as const;
  return later.find(([first]) => opset >= first)?.[1] ?? 8n;
};
/** Constants that agree in as many elements are compared in full. */
const KEY_ELEMENTS = 16;

const numberArrays = { ...arrayTypes, float64: Float64Array };

export class ModelBuilder {
  readonly #nodes: Node[] = [];
  readonly #nodeByKey = new Map<string, Name[]>();
  /** The node that makes a value. */
  readonly #producers = new Map<Name, Node>();
  readonly #initializers: TensorProto[] = [];
  /** Constants by their type and first elements. */
  readonly #constants = new Map<string, readonly TensorProto[]>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: { name: Name; from: Name; type: ElementShape }[] = [];
  /** Types that a runtime cannot infer. */
  readonly #types = new Map<Name, ElementShape>();
  /** Names that are taken. */
  readonly #names = new Set<Name>();

  /** The layer whose nodes are added; their names start with it. */
  scope: string | undefined;
  #sizeNames: readonly Name[] = [];

  /** @param opset version of the ONNX operators, 13 to 21 */
  constructor(readonly opset: number) {}

  /** Keeps names for inputs and outputs: no node or constant gets them. */
  reserve(names: Iterable<Name>): void {
    for (const name of names) this.#names.add(name);
  }

  /** Names the dynamic sizes of inputs and outputs, from the first one. */
  nameSizes(sizes: readonly { readonly name: Name }[]): void {
    this.#sizeNames = sizes.map(({ name }) => name);
  }

  /** Declares a graph input. Dynamic dimensions without a name get one of their axis: `<name>_<axis>`, the first one `batch`. */
  input(name: Name, { shape, dtype }: ElementShape): Name {
    this.#inputs.push(valueInfo(name, { shape, dtype }, this.#sizeNames));
    return name;
  }

  /** Declares that the graph's output `name` is the value `from`. */
  output(name: Name, from: Name, type: ElementShape): void {
    this.#outputs.push({ name, from, type });
  }

  /** Declares the type of a value that a node of an unknown operator makes. */
  describe(name: Name, type: ElementShape): void {
    this.#types.set(name, type);
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
    const key = `${domain}.${type}(${inputs.join()})${exactJson(attributes)}`;
    const known = this.#nodeByKey.get(key);
    if (known) {
      while (known.length < count) known.push(this.#unique(`${known[0]}_${known.length}`));
      return known;
    }
    const stem = this.scope === undefined ? `${type}_${this.#nodes.length}` : `${this.scope}/${type}`;
    const outputs = Array.from({ length: count }, (_, at) => this.#unique(count === 1 ? stem : `${stem}_${at}`));
    const node = { type, domain, inputs, outputs, attributes };
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    this.#nodeByKey.set(key, outputs);
    return outputs;
  }

  /** The node that makes a value, or undefined for an input or a constant. */
  producer = (name: Name): Node | undefined => this.#producers.get(name);

  /** Returns a name that nothing else has: the wished one, or with a number behind it. */
  #unique(wished: Name): Name {
    let name = wished;
    for (let at = 1; this.#names.has(name); at++) name = `${wished}_${at}`;
    this.#names.add(name);
    return name;
  }

  /**
   * Adds a constant, or returns the equal one that was added with the same wished name.
   *
   * @param wished its name; default: a number
   */
  constant(
    data: HostArray | Float64Array | BigInt64Array,
    shape: readonly number[],
    dtype: ElementName,
    wished?: Name,
  ): Name {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const key = `${wished}:${dtype}[${shape}]${data.subarray(0, KEY_ELEMENTS).join()}`;
    const alike = this.#constants.get(key) ?? [];
    const known = alike.find((constant) => equalBytes(constant.rawData, rawData));
    if (known) return known.name;
    const name = this.#unique(wished ?? `constant_${this.#initializers.length}`);
    const constant = create(TensorProtoSchema, {
      name,
      dims: shape.map(BigInt),
      dataType: elementType[dtype],
      rawData,
    });
    this.#initializers.push(constant);
    this.#constants.set(key, [...alike, constant]);
    return name;
  }

  /** A constant number of rank 0. */
  scalar(value: number, dtype: DataType | "float64" = "float32"): Name {
    return this.constant(numberArrays[dtype].of(value), [], dtype);
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
  build(
    { name = "graph", description = "", metadata = {}, modelVersion = 1 }: ModelProperties = {},
  ): Uint8Array<ArrayBuffer> {
    const renamed = this.#renameOutputs();
    const rename = (value: Name) => renamed.get(value) ?? value;
    const nodes = this.#neededNodes();
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    const initializer = this.#initializers.filter(({ name }) => read.has(name));
    checkSize(initializer.reduce((sum, { rawData }) => sum + rawData.length, 0));
    const model = create(ModelProtoSchema, {
      irVersion: irVersion(this.opset),
      producerName: PRODUCER.name,
      producerVersion: PRODUCER.version,
      modelVersion: BigInt(modelVersion),
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
        initializer,
        input: this.#inputs,
        output: this.#outputs.map(({ name, type }) => valueInfo(name, type, this.#sizeNames)),
        valueInfo: [...this.#types].filter(([name]) => rename(name) === name).map(([name, type]) =>
          valueInfo(name, type, this.#sizeNames)
        ),
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

/** Protobuf, the format of an ONNX file, ends at 2 GiB. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * Checks the size of a model.
 *
 * @param bytes those of its constants
 * @throws {TraceError} if an ONNX file does not hold them
 */
export function checkSize(bytes: number): void {
  if (bytes <= LARGEST_FILE) return;
  const size = (bytes / 2 ** 30).toFixed(2);
  throw new TraceError(
    `the weights and constants take ${size} GiB, and an ONNX file ends at 2 GiB; trace the parts apart`,
  );
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
