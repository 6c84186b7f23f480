/**
 * The header of a safetensors file: its length, its tensors and its metadata, checked against the size of the file.
 *
 * @module
 */
import { pathText, shortened } from "../printable.ts";
import { InputError } from "./input_error.ts";
import { parseJson } from "./json.ts";

/** Arrays of the element types, by their names in the format. */
export const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
export type ElementType = keyof typeof arrays;

/** Bytes of the length of the header. */
export const LENGTH_BYTES = 8;
/** Greatest length of a header, of the format's own readers. */
const MOST_HEADER = 100_000_000;
/** The header's key of the metadata. */
export const METADATA = "__metadata__";
/** The metadata's key of the digest. */
export const DIGEST = "sha256";

/** Makes the error of a file that is not as it should be. */
export const invalid = (source: string, why: string) =>
  new InputError(`${pathText(source)} is not a valid safetensors file: ${why}`);

/**
 * Returns the length of the header of a file of `size` bytes.
 *
 * @param begin the first bytes of the file
 * @throws {InputError} if the file is shorter
 */
export function headerLength(begin: Uint8Array, size: number, source: string): number {
  if (begin.length < LENGTH_BYTES) throw invalid(source, `it has ${size} bytes`);
  const length = Number(new DataView(begin.buffer, begin.byteOffset).getBigUint64(0, true));
  if (LENGTH_BYTES + length > size) throw invalid(source, `its header of ${length} bytes is cut off`);
  if (length > MOST_HEADER) throw invalid(source, `its header has ${length} bytes, more than ${MOST_HEADER}`);
  return length;
}

export interface Layout {
  /** The tensors in the order of their bytes. */
  readonly entries: readonly (readonly [string, Entry])[];
  /** The same, as the header has them. */
  readonly described: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly digest: string | undefined;
}

/**
 * Reads a header.
 *
 * @param dataBytes bytes behind the header
 * @throws {InputError} if the header does not describe these bytes
 */
export function layoutOf(header: Uint8Array, dataBytes: number, source: string): Layout {
  const { [METADATA]: texts = {}, ...described } = parseHeader(header) ??
    raise(invalid(source, "its header is not a JSON object"));
  if (!isTexts(texts)) throw invalid(source, "its metadata is not text by name");
  const { [DIGEST]: digest, ...metadata } = texts;
  const entries = Object.entries(described).map(([name, entry]) => {
    if (isEntry(entry)) return [name, entry] as const;
    throw invalid(source, `tensor ${shortened(name)} has no dtype of F32, I32 or U8, shape and data_offsets`);
  }).toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: [begin, tensorEnd] }] of entries) {
    const bad = (why: string) => invalid(source, `tensor ${shortened(name)} ${why}`);
    const elements = shape.reduce((product, size) => product * size, 1);
    if (begin !== end) throw bad("does not begin where the one before it ends");
    if (tensorEnd - begin !== elements * arrays[dtype].BYTES_PER_ELEMENT) throw bad("has the wrong size");
    if (tensorEnd > dataBytes) throw bad("is cut off");
    end = tensorEnd;
  }
  if (end !== dataBytes) throw invalid(source, `${dataBytes - end} bytes follow its last tensor`);
  return { entries, described, metadata, digest };
}

function raise(error: Error): never {
  throw error;
}

/** A tensor of a header. */
export interface Entry {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
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
