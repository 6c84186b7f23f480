import assert from "#assert";
import { blockSize } from "../../engine/block_size.ts";

Deno.test("onnxruntime's block has 4, 8 or 16 channels, or there is none", async () => {
  assert.ok([4, 8, 16, undefined].includes(await blockSize()));
});
