import assert from "#assert";
import { readStream } from "../../../data/files/read_stream.ts";

const parts = () => ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);

Deno.test("the parts of a stream are joined in their order", async () => {
  assert.deepEqual(await readStream(parts(), 3, () => new Error("too long")), Uint8Array.of(1, 2, 3));
});

Deno.test("a stream that has more than the greatest size ends with the caller's error", async () => {
  await assert.rejects(readStream(parts(), 2, () => new Error("too long")), /^Error: too long$/);
});
