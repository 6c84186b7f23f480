import assert from "node:assert/strict";
import { dirname, join } from "node:path";

/** Which rooms the files of a room may import, as `docs/architecture.md` draws them. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  data: [],
  model: [],
  onnx: [],
  engine: ["onnx"],
  export: ["onnx", "model"],
  pipeline: ["data", "engine", "export", "model"],
};

const root = new URL("../", import.meta.url).pathname;

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) yield* sources(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name);
  }
}

for (const [room, allowed] of Object.entries(arrows)) {
  Deno.test(`${room}/ imports ${allowed.length ? `only ${allowed.join(", ")}` : "no other room"}`, async () => {
    for await (const file of sources(room)) {
      const text = await Deno.readTextFile(root + file);
      for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
        const target = join(dirname(file), path!).split("/")[0]!;
        assert.ok(target === room || allowed.includes(target), `${file} imports ${path}`);
      }
    }
  });
}

Deno.test("data/ knows no tensor library", async () => {
  for await (const file of sources("data")) {
    assert.doesNotMatch(await Deno.readTextFile(root + file), /from "(@tensorflow|onnxruntime)/, file);
  }
});
