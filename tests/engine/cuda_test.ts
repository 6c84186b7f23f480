import assert from "#assert";
import { cudaParts, parseNeeded } from "../../engine/cuda.ts";

Deno.test("the output of ldd becomes the libraries that are found and that are missing", () => {
  const text = [
    "\tlinux-vdso.so.1 (0x00007f334e87a000)",
    "\tlibcudart.so.12 => /usr/local/cuda/lib64/libcudart.so.12 (0x00007f334e85c000)",
    "\tlibcublas.so.12 => not found",
    "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f333a520000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f334e87c000)",
  ].join("\n");
  assert.deepEqual(parseNeeded(text), { found: ["libcudart.so.12", "libm.so.6"], missing: ["libcublas.so.12"] });
});

Deno.test("every part of CUDA has a version, or says what is missing and what to do", async () => {
  const parts = await cudaParts();
  assert.ok(parts.length >= 3);
  for (const part of parts) assert.ok("version" in part ? part.version : part.missing && part.next, part.part);
});
