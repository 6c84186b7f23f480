/**
 * The Open Inference Protocol (KServe v2) over HTTP, with Triton's extension for binary tensors.
 *
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
import { Buffer } from "node:buffer";
import type { Images } from "./batches.ts";
import type { Classifier } from "./classifier.ts";
import { HttpError } from "./http_error.ts";
import { type Answer, json, type Question } from "./http_server.ts";
import type { Outputs, Tensor } from "./model.ts";

/** Greatest number of images in a request. */
const MOST_IMAGES = 128;
const VERSION = "1";
/** The header that tells how long the JSON before the binary tensors is. */
const JSON_LENGTH = "inference-header-content-length";

/** The type of every input and output. */
const DATATYPE = "FP32";

interface RequestedTensor {
  readonly name: string;
  readonly shape?: readonly number[];
  readonly datatype?: string;
  readonly data?: readonly unknown[];
  readonly parameters?: Readonly<Record<string, unknown>>;
}

interface InferenceRequest {
  readonly id?: string;
  readonly inputs?: readonly RequestedTensor[];
  readonly outputs?: readonly RequestedTensor[];
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export const serverMetadata = () =>
  json({ name: "shakenet", version: VERSION, extensions: ["binary_tensor_data", "model_configuration"] });

export function modelMetadata(name: string, { model }: Classifier): Answer {
  const described = ({ name, shape }: Tensor) => ({ name, datatype: DATATYPE, shape });
  const inputs = [described(model.input)], outputs = model.outputs.map(described);
  return json({ name, versions: [VERSION], platform: "onnxruntime_onnx", inputs, outputs });
}

/** Triton's description of a model, which its clients also read. */
export function modelConfiguration(name: string, { model }: Classifier): Answer {
  const described = ({ name, shape: [, ...dims] }: Tensor) => ({
    name,
    data_type: `TYPE_${DATATYPE}`,
    dims,
  });
  const input = [described(model.input)], output = model.outputs.map(described);
  return json({
    name,
    platform: "onnxruntime_onnx",
    backend: "onnxruntime",
    max_batch_size: MOST_IMAGES,
    input,
    output,
  });
}

/** Answers a request for inference. */
export async function infer(name: string, classifier: Classifier, question: Question): Promise<Answer> {
  const { model } = classifier, { headers, signal } = question;
  const coding = headers["content-encoding"] ?? "identity";
  if (coding !== "identity") throw new HttpError(415, `the content-encoding is ${coding}, not identity`);
  const { request, binary } = parse(await question.body(), headers[JSON_LENGTH] as string | undefined);
  const images = imagesOf(request, binary, model.input);
  const wanted = wantedOutputs(request, model.outputs);
  const outputs = await classifier.infer(images, signal);
  return answerOf({ model_name: name, model_version: VERSION, id: request.id }, images.count, outputs, wanted);
}

function parse(body: Uint8Array<ArrayBuffer>, jsonLength = `${body.length}`) {
  const length = Number(jsonLength);
  check(/^\d+$/.test(jsonLength) && length <= body.length, `${JSON_LENGTH} is ${jsonLength}, not a length in the body`);
  try {
    const request = JSON.parse(new TextDecoder().decode(body.subarray(0, length))) as InferenceRequest | null;
    return { request: request ?? {}, binary: body.subarray(length) };
  } catch {
    throw new HttpError(400, "the body does not begin with JSON");
  }
}

function imagesOf(request: InferenceRequest, binary: Uint8Array<ArrayBuffer>, expected: Tensor): Images {
  const given = Array.isArray(request.inputs) && request.inputs.length === 1 ? request.inputs[0] : undefined;
  check(given?.name === expected.name, `there is one input, ${expected.name}`);
  const { shape, data, parameters } = given;
  check(given.datatype === DATATYPE, `${given.name} has the datatype ${given.datatype}, not ${DATATYPE}`);
  const [count, ...image] = checkedShape(shape, expected);
  const length = count * image.reduce((product, size) => product * size, 1);
  const size = parameters?.binary_data_size;
  if (size !== undefined) return { count, shape: image, data: fromBinary(binary, size, length, expected) };
  check(Array.isArray(data), `${given.name} has neither data nor a binary_data_size`);
  return { count, shape: image, data: fromNumbers(data.flat(expected.shape.length), length, expected) };
}

function checkedShape(shape: unknown, expected: Tensor): [count: number, ...image: number[]] {
  const fits = Array.isArray(shape) && shape.length === expected.shape.length &&
    shape.every((size, axis) => Number.isInteger(size) && size > 0 && [-1, size].includes(expected.shape[axis]!));
  check(fits, `${expected.name} has the shape [${shape}], not [${expected.shape}]`);
  check(shape[0] <= MOST_IMAGES, `a request has at most ${MOST_IMAGES} images`);
  return shape as [number, ...number[]];
}

function fromBinary(binary: Uint8Array, size: unknown, length: number, { name }: Tensor): Float32Array<ArrayBuffer> {
  check(size === 4 * length && binary.length === size, `${name} has ${binary.length} bytes, not ${4 * length}`);
  // A copy of its own is aligned, and can go to the model's thread.
  return new Float32Array(Uint8Array.from(binary).buffer);
}

function fromNumbers(numbers: readonly unknown[], length: number, { name }: Tensor): Float32Array<ArrayBuffer> {
  check(numbers.length === length, `${name} has ${numbers.length} numbers, not ${length}`);
  check(numbers.every((value) => typeof value === "number"), `${name} has a value that is no number`);
  return Float32Array.from(numbers as number[]);
}

interface WantedOutput {
  readonly output: Tensor;
  readonly binary: boolean;
}

function wantedOutputs({ outputs, parameters }: InferenceRequest, all: readonly Tensor[]): WantedOutput[] {
  const byDefault = parameters?.binary_data_output === true;
  if (!Array.isArray(outputs) || outputs.length === 0) return all.map((output) => ({ output, binary: byDefault }));
  return (outputs as (RequestedTensor | null)[]).map((wanted) => {
    const output = all.find(({ name }) => name === wanted?.name), parameters = wanted?.parameters;
    check(
      output !== undefined,
      `there is no output ${wanted?.name}; there are ${all.map(({ name }) => name).join(" and ")}`,
    );
    check(parameters?.classification === undefined, "the classification extension is not supported");
    return { output, binary: (parameters?.binary_data ?? byDefault) === true };
  });
}

function answerOf(head: object, count: number, results: Outputs, wanted: readonly WantedOutput[]): Answer {
  const parts: Uint8Array[] = [];
  const outputs = wanted.map(({ output: { name, shape }, binary }) => {
    const data = results[name]!, described = { name, datatype: DATATYPE, shape: [count, ...shape.slice(1)] };
    if (!binary) return { ...described, data: Array.from(data) };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { ...described, parameters: { binary_data_size: data.byteLength } };
  });
  if (parts.length === 0) return json({ ...head, outputs });
  const text = Buffer.from(JSON.stringify({ ...head, outputs }));
  return {
    headers: { "content-type": "application/octet-stream", [JSON_LENGTH]: `${text.length}` },
    body: Buffer.concat([text, ...parts]),
  };
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new HttpError(400, message);
}
