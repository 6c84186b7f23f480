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
  readonly classes: number;
  /** Length of the output `features`, of a model that has it. */
  readonly features?: number | undefined;
}

/** The largest batch that the server collects from requests. */
const MAX_BATCH = 128;
/** The longest wait of a request for others to share its batch. */
const QUEUE_MICROSECONDS = 1000;

/** Writes `config.pbtxt`. Dimensions leave the batch out; `labels.txt` beside it names the classes. */
export function tritonConfiguration({ name, input, imageShape, classes, features }: TritonModel): string {
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
  {
    name: "logits"
    data_type: TYPE_FP32
    dims: [ ${classes} ]
  },
  {
    name: "probabilities"
    data_type: TYPE_FP32
    dims: [ ${classes} ]
    label_filename: "labels.txt"
  }${features === undefined ? "" : featuresOutput(features)}
]
dynamic_batching {
  max_queue_delay_microseconds: ${QUEUE_MICROSECONDS}
}
`;
}

const featuresOutput = (length: number): string =>
  `,
  {
    name: "features"
    data_type: TYPE_FP32
    dims: [ ${length} ]
  }`;
