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
import { pathText } from "../printable.ts";
import { InputError } from "./input_error.ts";
import { openIfThere, readBytes } from "./read_file.ts";
import {
  arrays,
  DIGEST,
  type ElementType,
  headerLength,
  invalid,
  layoutOf,
  LENGTH_BYTES,
  METADATA,
} from "./safetensors_layout.ts";

/** A tensor of a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export interface SafeTensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const ALIGNMENT = 8;

/** Writes tensors, in the order of their names, with the larger element types first so that all are aligned. */
export function encodeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).toSorted(([a, { data: x }], [b, { data: y }]) =>
    y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1)
  );
  let end = 0;
  const described = Object.fromEntries(
    entries.map((
      [name, { shape, data }],
    ) => [name, { dtype: elementType(data), shape, data_offsets: [end, end += data.byteLength] }]),
  );
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
 * Reads a file of 32-bit floats, 32-bit integers and bytes, of {@linkcode encodeSafetensors} or another writer. Tensors of
 * bytes are views of the file's.
 *
 * @param source name of the file, for errors
 * @throws {InputError} if the bytes are not a whole and consistent file
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafeTensors {
  const dataBegin = LENGTH_BYTES + headerLength(bytes, bytes.length, source);
  const header = bytes.subarray(LENGTH_BYTES, dataBegin);
  const { entries, described, metadata, digest } = layoutOf(header, bytes.length - dataBegin, source);
  if (digest !== undefined && digest !== digestOf(metadata, described, [bytes.subarray(dataBegin)])) {
    throw invalid(source, "it was damaged after it was written");
  }
  const tensors = entries.map(([name, { dtype, shape, data_offsets: [begin, end] }]): [string, StoredTensor] => {
    const [from, to] = [dataBegin + begin, dataBegin + end];
    // Numbers of several bytes need an aligned place. Pictures are bytes, and most of a file.
    const data = dtype === "U8" ? bytes.subarray(from, to) : new arrays[dtype](bytes.slice(from, to).buffer);
    return [name, { shape, data }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** Throws if the header of a file is not the expected one. */
type HeaderCheck = (shapes: ReadonlyMap<string, readonly number[]>, metadata: SafeTensors["metadata"]) => void;

/**
 * Reads the bytes of a file, but not its tensors before its header is checked: a large file of something else is refused
 * at once.
 *
 * @param remedy what to do if it is missing
 * @throws {InputError} if it is missing, cannot be read, or its header does not describe it
 */
export async function readSafetensors(
  path: string,
  remedy: string,
  check: HeaderCheck = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, size } = await openChecked(path, remedy, check);
  using opened = file;
  await opened.seek(0, Deno.SeekMode.Start);
  return await readBytes(opened, size, path);
}

/**
 * Does the same as {@linkcode readSafetensors}, but reads nothing behind the header. A stage reads its inputs whole for
 * their digests, so it checks first.
 */
export async function checkSafetensors(path: string, remedy: string): Promise<void> {
  const { file } = await openChecked(path, remedy, () => {});
  file.close();
}

async function openChecked(
  path: string,
  remedy: string,
  check: HeaderCheck,
): Promise<{ file: Deno.FsFile; size: number }> {
  const opened = await openIfThere(path);
  if (!opened) throw new InputError(`${pathText(path)} does not exist; ${remedy}`);
  const { file, size } = opened;
  try {
    const length = headerLength(await readBytes(file, LENGTH_BYTES, path), size, path);
    const { entries, metadata } = layoutOf(await readBytes(file, length, path), size - LENGTH_BYTES - length, path);
    check(new Map(entries.map(([name, { shape }]) => [name, shape])), metadata);
    return opened;
  } catch (error) {
    file.close();
    throw error;
  }
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

function elementType(data: StoredTensor["data"]): ElementType {
  return data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
}
