import assert from "#assert";
import { readStandardInput } from "../../../../pipeline/commands/predict/standard_input.ts";

Deno.test("standard input is read to its end, in whatever pieces it comes", async () => {
  const pieces = ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
  assert.deepEqual(await readStandardInput(pieces), Uint8Array.of(1, 2, 3));
});

Deno.test("nothing on standard input, and more than the largest picture, are refused", async () => {
  await assert.rejects(readStandardInput(ReadableStream.from([])), /the file is empty/);
  const piece = new Uint8Array(2 ** 26);
  const endless = ReadableStream.from((function* () {
    for (;;) yield piece;
  })());
  await assert.rejects(readStandardInput(endless), /more than 512 MiB/);
});
