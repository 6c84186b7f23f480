import assert from "#assert";
import { kernelTable } from "../../../onnx/lowerings/kernel_table.ts";

const page = new URL("../../../docs/kernels.md", import.meta.url);

Deno.test("docs/kernels.md is the table of lowerings; deno task kernels writes it", async () => {
  assert.equal(await Deno.readTextFile(page), kernelTable);
});

Deno.test("every kind links to its file", async () => {
  for (const [, path] of kernelTable.matchAll(/\]\((.*?)\)/g)) {
    assert.ok((await Deno.stat(new URL(path!, page))).isFile);
  }
});
