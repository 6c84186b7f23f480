/**
 * Encodes attributes, element types and the types of values as ONNX's messages.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  TensorProto_DataType as ElementType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.ts";
import { type DataType, isDynamic } from "../graph/graph.ts";

/** Names a value of the ONNX graph. */
export type Name = string;

/** Element types of ONNX values that the lowerings use. */
export type ElementName = DataType | "float64" | "int64" | "uint8";

/** The number of an element type in ONNX. */
export const elementType: Readonly<Record<ElementName, number>> = {
  float32: ElementType.FLOAT,
  float64: ElementType.DOUBLE,
  int32: ElementType.INT32,
  int64: ElementType.INT64,
  uint8: ElementType.UINT8,
  bool: ElementType.BOOL,
};

/**
 * An attribute of an ONNX node. Whole numbers and lists are integers; `{ float }` is a floating-point number, `{ floats }` a
 * list of them.
 */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | {
  readonly floats: readonly number[];
};

/** Encodes an attribute of a node. */
export const attribute = (name: string, value: OnnxAttribute): AttributeProto =>
  create(AttributeProtoSchema, { name, ...encoded(value) });

function encoded(value: OnnxAttribute) {
  if (typeof value === "number") return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === "string") return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  if ("floats" in value) return { type: AttributeType.FLOATS, floats: [...value.floats] };
  return { type: AttributeType.INTS, ints: value.map(BigInt) };
}

/**
 * Encodes the name, shape and element type of an input or output.
 *
 * @param sizeNames the names of dynamic sizes, from the first one
 */
export function valueInfo(
  name: Name,
  { shape, dtype }: { shape: readonly number[]; dtype: ElementName },
  sizeNames: readonly Name[] = [],
): ValueInfoProto {
  const dim = shape.map((size, axis) => ({
    value: isDynamic(size)
      ? { case: "dimParam" as const, value: sizeNames[-1 - size] ?? (axis === 0 ? "batch" : `${name}_${axis}`) }
      : { case: "dimValue" as const, value: BigInt(size) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: elementType[dtype], shape: { dim } } } },
  });
}
