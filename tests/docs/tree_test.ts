/** The tree in docs/architecture.md. */
import assert from "#assert";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (name === "node_modules") continue;
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield name.slice(0, -3);
  }
}

for (const room of ["pipeline", "onnx", "data", "model", "engine", "export"]) {
  Deno.test(`the tree in docs/architecture.md names every file of ${room}/, and no other`, async () => {
    const text = await Deno.readTextFile(`${root}docs/architecture.md`);
    const tree = /## The tree[\s\S]*?```text\n([\s\S]*?)```/.exec(text)![1]!;
    const own = tree.slice(`\n${tree}`.indexOf(`\n${room}/`)).split(/\n(?=\w)/)[0]!;
    const words = own.split(/\s+/).filter((word) => /^\w+$/.test(word)).toSorted();
    assert.deepEqual(words, (await Array.fromAsync(sources(room))).toSorted());
  });
}
