/**
 * The safetensors format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes.
 *
 *     {"__metadata__": {name: text}, name: {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}}
 *
 * Offsets count from the end of the header; the tensors lie one after the other. A file holds no code, and any language
 * reads it (Hugging Face, https://huggingface.co/docs/safetensors).
 *
 * Files written here have `sha256` in their metadata: the digest of the header without it, as JSON, and of the tensors'
 * bytes. A file of another writer may have none; then nothing is checked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "./input_error.ts";

/** A tensor of a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export interface SafeTensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type ElementType = keyof typeof arrays;

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const METADATA = "__metadata__";
const DIGEST = "sha256";

/** Writes tensors, in the order of their names, with the larger element types first so that all are aligned. */
export function encodeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).toSorted(([a, { data: x }], [b, { data: y }]) =>
    y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1)
  );
  const described: Record<string, unknown> = {};
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    described[name] = { dtype: elementType(data), shape, data_offsets: [end, end += data.byteLength] };
  }
  const digest = digestOf(metadata, described, entries.map(([, { data }]) => bytesOf(data)));
  const json = new TextEncoder().encode(
    JSON.stringify({ [METADATA]: { ...metadata, [DIGEST]: digest }, ...described }),
  );
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const [, { data }] of entries) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a file of 32-bit floats, 32-bit integers and bytes, of {@linkcode encodeSafetensors} or another writer.
 *
 * @param source name of the file, for errors
 * @throws {InputError} if the bytes are not a whole and consistent file
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafeTensors {
  const bad = (what: string) => new InputError(`${source} is not a valid safetensors file: ${what}`);
  if (bytes.length < LENGTH_BYTES) throw bad(`it has ${bytes.length} bytes`);
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const dataBegin = LENGTH_BYTES + headerBytes;
  if (dataBegin > bytes.length) throw bad(`its header of ${headerBytes} bytes is cut off`);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataBegin));
  if (!header) throw bad("its header is not a JSON object");
  const { [METADATA]: allMetadata = {}, ...entries } = header;
  if (!isTexts(allMetadata)) throw bad("its metadata is not text by name");
  const { [DIGEST]: digest, ...metadata } = allMetadata;
  if (digest !== undefined && digest !== digestOf(metadata, entries, [bytes.subarray(dataBegin)])) {
    throw bad("it was damaged after it was written");
  }
  const tensors: [string, StoredTensor][] = [];
  let end = 0;
  const byOffset = Object.entries(entries).map(([name, entry]) => {
    if (!isEntry(entry)) throw bad(`tensor ${name} has no dtype of F32, I32 or U8, shape and data_offsets`);
    return [name, entry] as const;
  }).toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [name, { dtype, shape, data_offsets: [begin, tensorEnd] }] of byOffset) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (begin !== end) throw bad(`tensor ${name} does not begin where the one before it ends`);
    if (tensorEnd - begin !== elements * arrays[dtype].BYTES_PER_ELEMENT) {
      throw bad(`tensor ${name} has the wrong size`);
    }
    if (dataBegin + tensorEnd > bytes.length) throw bad(`tensor ${name} is cut off`);
    const data = new arrays[dtype](bytes.slice(dataBegin + begin, dataBegin + tensorEnd).buffer);
    tensors.push([name, { shape, data }]);
    end = tensorEnd;
  }
  if (dataBegin + end !== bytes.length) throw bad(`${bytes.length - dataBegin - end} bytes follow its last tensor`);
  return { tensors: Object.fromEntries(tensors), metadata };
}

function digestOf(
  metadata: Readonly<Record<string, string>>,
  described: Readonly<Record<string, unknown>>,
  data: readonly Uint8Array[],
): string {
  const hash = createHash("sha256").update(JSON.stringify({ [METADATA]: metadata, ...described }));
  for (const bytes of data) hash.update(bytes);
  return hash.digest("hex");
}

const bytesOf = ({ buffer, byteOffset, byteLength }: StoredTensor["data"]) =>
  new Uint8Array(buffer, byteOffset, byteLength);

interface Entry {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function elementType(data: StoredTensor["data"]): ElementType {
  return data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

const isTexts = (x: unknown): x is Record<string, string> =>
  isRecord(x) && Object.values(x).every((text) => typeof text === "string");

const areSizes = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((size) => Number.isSafeInteger(size) && size >= 0);

const isEntry = (x: unknown): x is Entry =>
  isRecord(x) && Object.hasOwn(arrays, String(x["dtype"])) && areSizes(x["shape"]) && areSizes(x["data_offsets"]) &&
  x["data_offsets"].length === 2;
