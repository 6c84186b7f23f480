/**
 * Damage that knows the structure of a file: a value, key or size within it is wrong, while everything around it is as a
 * program writes it, the digest too. Each change depends on its draws alone.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createHash } from "node:crypto";
import { withDigest } from "../../export/model_file.ts";
import { type ModelProto, ModelProtoSchema, TensorProto_DataLocation } from "../../onnx/file/generated/onnx_pb.ts";
import { oddNames } from "../support/odd_files.ts";
import { below, type Draws } from "./mutations.ts";

const one = <T>(values: readonly T[], next: Draws): T => values[below(next, values.length)]!;

/** Values that are of another type than expected, at the border of their range, or code somewhere. */
const oddValues: readonly ((next: Draws) => unknown)[] = [
  () => null,
  () => [],
  () => ({}),
  (next) => one([-1, 0, -0, 1, 0.5, 255, 256, 2 ** 31, 2 ** 53, -1e308, 1e308, 1e-320], next),
  (next) => one([true, false, "", "NaN", "1e400", "0"], next),
  (next) => one(oddNames, next),
  () => "x".repeat(100_000),
  () => JSON.parse("[".repeat(200) + "]".repeat(200)),
];

/** A value with its place in a tree. */
interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return found;
  const parent = value as Record<string, unknown>;
  for (const key of Object.keys(parent)) {
    found.push({ parent, key });
    places(parent[key], found);
  }
  return found;
}

/** Changes a tree of JSON in a few places, in place; returns its root, which may be another. */
function damagedTree(root: unknown, next: Draws): unknown {
  const holder = { root };
  for (let damages = 1 + below(next, 2); damages > 0 && "root" in holder; damages--) {
    const found = places(holder), { parent, key } = one(found, next);
    const list = Array.isArray(parent) ? parent as unknown[] : undefined;
    const ways = [
      () => parent[key] = one(oddValues, next)(next),
      () => parent[key] = one(oddValues, next)(next),
      () => parent[key] = structuredClone(one(found, next).parent)[one(found, next).key] ?? null,
      () => list ? list.splice(Number(key), 1) : delete parent[key],
      () => list ? list.push(...structuredClone(list)) : define(parent, one(oddNames, next), parent[key]),
      () => list ? list.length = below(next, list.length) : define(parent, one(oddNames, next), null),
    ];
    one(ways, next)();
  }
  return holder.root;
}

/** Sets a property, also one called `__proto__`. */
const define = (object: object, key: string, value: unknown) =>
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });

/** Writes damaged JSON as text, which may have damage of its own. */
function jsonOf(value: unknown, next: Draws): string {
  const text = JSON.stringify(value) ?? "";
  const key = /"[^"\\]*":/.exec(text)?.[0];
  const odd = [
    () => key ? text.replace(key, () => `${key}null,${key}`) : text,
    () => text.replace(/[}\]]$/, ",$&"),
    () => `\ufeff${text}`,
    () => text.replace(/\d+/, "1e999"),
    () => JSON.stringify(value, null, 2) ?? "",
  ];
  return below(next, 6) > 0 ? text : one(odd, next)();
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Damages a file of JSON. */
export const damagedJson = (bytes: Uint8Array, next: Draws): Uint8Array<ArrayBuffer> =>
  bytesOf(jsonOf(damagedTree(JSON.parse(textOf(bytes)), next), next));

/** Damages a line of a file of lines of JSON. */
export function damagedLines(bytes: Uint8Array, next: Draws): Uint8Array<ArrayBuffer> {
  const lines = textOf(bytes).split("\n").filter((line) => line !== "");
  const at = below(next, lines.length);
  if (lines.length > 0) lines[at] = textOf(damagedJson(bytesOf(lines[at]!), next));
  return bytesOf(lines.map((line) => `${line}\n`).join(""));
}

/** Damages a file of a set, which is JSON of texts by file name. */
export function damagedSet(bytes: Uint8Array, next: Draws): Uint8Array<ArrayBuffer> {
  const set: Record<string, string> = JSON.parse(textOf(bytes));
  const name = one(Object.keys(set), next);
  const damage = name.endsWith(".jsonl") ? damagedLines : damagedJson;
  return bytesOf(JSON.stringify({ ...set, [name]: textOf(damage(bytesOf(set[name]!), next)) }));
}

/** Damages the header of a safetensors file, with JSON in its metadata; the digest is renewed, or not. */
export function damagedTensors(bytes: Uint8Array, next: Draws): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: { sha256: _digest, ...texts }, ...described } = JSON.parse(
    textOf(bytes.subarray(8, 8 + length)),
  );
  // Its texts may be JSON of their own.
  const metadata = Object.fromEntries(Object.entries<string>(texts).map(([key, text]) => [key, parsed(text)]));
  const damaged = damagedTree({ metadata, ...described }, next) as Record<string, unknown> | null;
  const { metadata: changed, ...others } = { ...damaged };
  const stored = typeof changed === "object" && changed !== null && !Array.isArray(changed)
    ? Object.fromEntries(
      Object.entries(changed).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    )
    : changed;
  const data = bytes.subarray(8 + length);
  const digest = createHash("sha256").update(JSON.stringify({ __metadata__: stored, ...others })).update(data);
  const signed = below(next, 4) > 0 && typeof stored === "object" && stored !== null
    ? { ...stored, sha256: digest.digest("hex") }
    : stored;
  const header = bytesOf(jsonOf({ __metadata__: signed, ...others }, next));
  const result = new Uint8Array(8 + header.length + data.length);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  result.set(data, 8 + header.length);
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Damages a value of an ONNX file, and renews its digest. */
export function damagedModel(bytes: Uint8Array, next: Draws): Uint8Array<ArrayBuffer> {
  // A decoded model has its weights in the bytes that it was decoded from.
  const model = fromBinary(ModelProtoSchema, bytes.slice());
  for (let damages = 1 + below(next, 2); damages > 0; damages--) one(modelDamages, next)(model, next);
  try {
    return withDigest(toBinary(ModelProtoSchema, model));
  } catch {
    // A number does not fit its field.
    return toBinary(ModelProtoSchema, create(ModelProtoSchema, {})) as Uint8Array<ArrayBuffer>;
  }
}

const oddFloats = [NaN, Infinity, -Infinity, 0, 3e38, -3e38, 1e-40];

/** Changes anything. */
const changeField = (model: ModelProto, next: Draws): void => {
  const { parent, key } = one(places(model).filter(({ key }) => key !== "$typeName"), next);
  const odd = oddLike(parent[key], next);
  if (odd === undefined && Array.isArray(parent)) parent.splice(Number(key), 1);
  else parent[key] = odd;
};

const modelDamages: readonly ((model: ModelProto, next: Draws) => void)[] = [
  ...Array.from({ length: 5 }, () => changeField),
  // The description
  ({ metadataProps }, next) => {
    if (metadataProps.length === 0) return;
    const property = one(metadataProps, next);
    const value = parsed(property.value);
    property.value = jsonOf(typeof value === "object" ? damagedTree(value, next) : one(oddValues, next)(next), next);
  },
  // A weight
  ({ graph }, next) => {
    const rawData = graph?.initializer.length ? one(graph.initializer, next).rawData : new Uint8Array();
    if (rawData.length < 4) return;
    const numbers = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    numbers.setFloat32(4 * below(next, Math.floor(rawData.length / 4)), one(oddFloats, next), true);
  },
  ({ graph }, next) => {
    if (graph?.initializer.length) one(graph.initializer, next).dataLocation = TensorProto_DataLocation.EXTERNAL;
  },
];

/** A value of the type of another. */
function oddLike(value: unknown, next: Draws): unknown {
  switch (typeof value) {
    case "bigint":
      return one([-1n, 0n, 1n, 2n, 7n, 255n, 1n << 31n, 1n << 62n, -(1n << 63n)], next);
    case "number":
      return one([-1, 0, 1, 2, 16, 255, 2 ** 31 - 1], next);
    case "string":
      return one(["", ...oddNames, "x".repeat(10_000)], next);
    case "boolean":
      return !value;
  }
  if (value instanceof Uint8Array) return value.subarray(0, below(next, value.length + 1));
  if (!Array.isArray(value)) return undefined;
  return one([[], value.slice(1), [...value, ...value], value.toReversed()], next);
}
