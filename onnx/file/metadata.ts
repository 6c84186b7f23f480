/**
 * Reads and writes the description of an ONNX file: its properties, inputs, outputs and digest.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from "./generated/onnx_pb.ts";
import { elementType } from "./encode.ts";

/** Types by name. `dtype` is undefined if a traced graph cannot have the type; a dynamic dimension is null. */
export type TensorTypes = Readonly<
  Record<string, { readonly dtype: string | undefined; readonly shape: readonly (number | null)[] }>
>;

export interface FileProperties {
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: TensorTypes;
  readonly outputs: TensorTypes;
  /** Constants of the graph that are in other files. */
  readonly external: readonly string[];
}

/** @throws {Error} if the bytes are not an ONNX model */
export function readProperties(bytes: Uint8Array): FileProperties {
  const { docString, metadataProps, graph } = decode(bytes);
  return {
    description: docString,
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
    inputs: typesOf(graph!.input),
    outputs: typesOf(graph!.output),
    external: externalConstants(graph!),
  };
}

const typesOf = (values: readonly ValueInfoProto[]): TensorTypes =>
  Object.fromEntries(values.map(({ name, type }) => {
    const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
    const shape = tensor?.shape?.dim.map(({ value }) => value.case === "dimValue" ? Number(value.value) : null) ?? [];
    const dtype = Object.entries(elementType).find(([, number]) => number === tensor?.elemType)?.[0];
    return [name, { dtype, shape }];
  }));

/** Finds constants that are in other files, also within the attributes of nodes. */
function externalConstants({ initializer, sparseInitializer, node }: GraphProto): string[] {
  const attributes = node.flatMap(({ attribute }) => attribute);
  const sparse = [...sparseInitializer, ...attributes.flatMap((a) => [a.sparseTensor, ...a.sparseTensors])];
  const tensors = [
    ...initializer,
    ...attributes.flatMap(({ t, tensors }) => [t, ...tensors]),
    ...sparse.flatMap((tensor) => [tensor?.values, tensor?.indices]),
  ].filter((tensor) => tensor !== undefined);
  const graphs = attributes.flatMap(({ g, graphs }) => [g, ...graphs]).filter((graph) => graph !== undefined);
  return [
    ...tensors.filter(isExternal).map(({ name }) => name),
    ...graphs.flatMap(externalConstants),
  ];
}

const isExternal = ({ dataLocation, externalData }: TensorProto): boolean =>
  dataLocation === TensorProto_DataLocation.EXTERNAL || externalData.length > 0;

/** Adds metadata to a model; a property of the same name is replaced. */
export function withMetadata(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const model = decode(bytes);
  const kept = model.metadataProps.filter(({ key }) => !Object.hasOwn(metadata, key));
  const added = Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
  model.metadataProps = [...kept, ...added];
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

const DIGEST = "sha256";

/** Adds the SHA-256 of the file without it, as the last property of the model. */
export function withDigest(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const model = decode(bytes);
  model.metadataProps = model.metadataProps.filter(({ key }) => key !== DIGEST);
  const value = sha256(toBinary(ModelProtoSchema, model));
  model.metadataProps.push(create(StringStringEntryProtoSchema, { key: DIGEST, value }));
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

/** True if the bytes are unchanged since {@linkcode withDigest} returned them. */
export const digestHolds = (bytes: Uint8Array): boolean => sha256(withDigest(bytes)) === sha256(bytes);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function decode(bytes: Uint8Array): ModelProto {
  const model = parsed(bytes);
  if (!model.graph) throw new Error("the model has no graph");
  return model;
}

function parsed(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new Error("it is no ONNX file, or it is cut off or damaged", { cause });
  }
}
