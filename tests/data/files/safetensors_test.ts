import assert from "#assert";
import { createHash } from "node:crypto";
import { InputError } from "../../../data/files/input_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../data/files/safetensors.ts";

const tensors = {
  weights: { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 1e-30, Infinity, 3) },
  labels: { shape: [3], data: Uint8Array.of(1, 2, 255) },
  scalar: { shape: [], data: Int32Array.of(-7) },
  none: { shape: [0, 4], data: new Float32Array(0) },
};

Deno.test("tensors and metadata come back as they were", () => {
  const decoded = decodeSafetensors(encodeSafetensors({ tensors, metadata: { step: "12" } }), "x");
  assert.deepEqual({ ...decoded.tensors }, { ...tensors });
  assert.deepEqual(decoded.metadata, { step: "12" });
});

Deno.test("a file that Python's safetensors wrote is read", () => {
  const bytes = Uint8Array.fromBase64(PYTHON_FILE);
  const { tensors, metadata } = decodeSafetensors(bytes, "x");
  assert.deepEqual(metadata, { format: "np" });
  assert.deepEqual(tensors["a"], { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4.5) });
  assert.deepEqual(tensors["b"], { shape: [3], data: Uint8Array.of(7, 8, 9) });
});

Deno.test("our bytes are those of the format's definition", () => {
  const bytes = encodeSafetensors({ tensors: { a: { shape: [1], data: Float32Array.of(1) } }, metadata: {} });
  const header = new TextDecoder().decode(bytes.subarray(8, -4));
  assert.equal(Number(new DataView(bytes.buffer).getBigUint64(0, true)), header.length);
  const a = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  const hash = createHash("sha256").update(JSON.stringify({ __metadata__: {}, a })).update(bytes.subarray(-4));
  assert.deepEqual(JSON.parse(header), { __metadata__: { sha256: hash.digest("hex") }, a });
  assert.deepEqual([...bytes.subarray(-4)], [0, 0, 0x80, 0x3f]);
});

Deno.test("a bit that changed, anywhere behind the header's length, is found", () => {
  const bytes = encodeSafetensors({ tensors, metadata: { step: "12" } });
  for (let bit = 64; bit < 8 * bytes.length; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    let decoded;
    try {
      decoded = decodeSafetensors(changed, "x");
    } catch (error) {
      assert.ok(error instanceof InputError, `${error}`);
      continue;
    }
    // A change within "sha256" makes another name of it, and one of white space changes nothing.
    const { step, ...others } = decoded.metadata;
    assert.deepEqual([{ ...decoded.tensors }, step], [tensors, "12"]);
    assert.ok(Object.keys(others).length <= 1);
  }
});

Deno.test("a tensor may have the name of a property of all objects", () => {
  const named = { ["__proto__"]: { shape: [1], data: Float32Array.of(1) } };
  assert.deepEqual(Object.keys(decodeSafetensors(encodeSafetensors({ tensors: named, metadata: {} }), "x").tensors), [
    "__proto__",
  ]);
});

const withHeader = (header: string, data = new Uint8Array(4)) => {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
};
const entry = (fields: string) => withHeader(`{"a":{${fields}}}`);

const damaged: Record<string, Uint8Array> = {
  "nothing": new Uint8Array(0),
  "a header longer than the file": Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 1),
  "a header that is not JSON": withHeader("{"),
  "a header that is a list": withHeader("[]"),
  "an element type that is not known": entry(`"dtype":"F8","shape":[1],"data_offsets":[0,4]`),
  "an element type that is a property of all objects": entry(`"dtype":"toString","shape":[1],"data_offsets":[0,4]`),
  "a negative size": entry(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`),
  "a shape that does not fit its bytes": entry(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`),
  "a tensor past the end": entry(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`),
  "a gap before a tensor": entry(`"dtype":"U8","shape":[2],"data_offsets":[2,4]`),
  "bytes after the last tensor": entry(`"dtype":"U8","shape":[2],"data_offsets":[0,2]`),
  "metadata that is not text": withHeader(`{"__metadata__":{"a":1}}`, new Uint8Array(0)),
};

for (const [what, bytes] of Object.entries(damaged)) {
  Deno.test(`refused, with the file's name: ${what}`, () => {
    assert.throws(
      () => decodeSafetensors(bytes, "some.safetensors"),
      (error) =>
        error instanceof InputError && error.message.startsWith("some.safetensors is not a valid safetensors file: "),
    );
  });
}

/** `safetensors.numpy.save({"a": float32 [[1, 2], [3, 4.5]], "b": uint8 [7, 8, 9]}, {"format": "np"})` */
const PYTHON_FILE =
  "kAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImIiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzE2LDE5XX19ICAAAIA/AAAAQAAAQEAAAJBABwgJ";
