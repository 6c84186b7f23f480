import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../../onnx/file/generated/onnx_pb.ts";

/** The operators of an ONNX model's nodes, in their order. */
export const operators = (model: Uint8Array): string[] =>
  fromBinary(ModelProtoSchema, model).graph!.node.map(({ opType }) => opType);
