/**
 * The configuration of a model in a model repository of NVIDIA Triton Inference Server, as protocol buffer text
 * (github.com/triton-inference-server/common, protobuf/model_config.proto).
 *
 * @module
 */
import { type ImageShape, type InputForm, inputShape } from "./variants.ts";

export interface TritonModel {
  /** Name of its folder. */
  readonly name: string;
  readonly input: InputForm;
  readonly imageShape: ImageShape;
  /** The outputs of the model, float32, whose first dimension is the batch. */
  readonly outputs: Readonly<Record<string, { readonly shape: readonly (number | null)[] }>>;
}

/** The largest batch that the server collects from requests. */
const MAX_BATCH = 128;
/** The longest wait of a request for others to share its batch. */
const QUEUE_MICROSECONDS = 1000;

/** Writes `config.pbtxt`. Dimensions leave the batch out; `labels.txt` beside it names the classes. */
export function tritonConfiguration({ name, input, imageShape, outputs }: TritonModel): string {
  const type = input.startsWith("uint8") ? "TYPE_UINT8" : "TYPE_FP32";
  const dims = input === "uint8-any" ? [-1, -1, imageShape[2]] : inputShape(input, imageShape);
  const format = input === "float32-nchw" ? "FORMAT_NCHW" : "FORMAT_NHWC";
  return `name: "${name}"
backend: "onnxruntime"
max_batch_size: ${MAX_BATCH}
input [
  {
    name: "image"
    data_type: ${type}
    format: ${format}
    dims: [ ${dims.join(", ")} ]
  }
]
output [
${Object.entries(outputs).map(([name, { shape }]) => outputText(name, shape.slice(1))).join(",\n")}
]
dynamic_batching {
  max_queue_delay_microseconds: ${QUEUE_MICROSECONDS}
}
`;
}

const outputText = (name: string, dims: readonly (number | null)[]): string =>
  `  {
    name: "${name}"
    data_type: TYPE_FP32
    dims: [ ${dims.map((size) => size ?? -1).join(", ")} ]${
    name === "probabilities" ? '\n    label_filename: "labels.txt"' : ""
  }
  }`;
