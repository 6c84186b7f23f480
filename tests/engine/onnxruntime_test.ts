import assert from "#assert";
import { EngineUnavailableError } from "../../engine/engine.ts";
import { onnxruntime, openSession, ortTensors } from "../../engine/onnxruntime.ts";
import { DYNAMIC, ModelBuilder } from "../../onnx/internal.ts";

/** Returns the bytes of a model that copies `x` to `y`. */
function identity(): Uint8Array {
  const builder = new ModelBuilder(17), type = { shape: [DYNAMIC], dtype: "float32" } as const;
  builder.output("y", builder.input("x", type), type);
  return builder.build();
}

Deno.test("a machine without a binary of onnxruntime gets one sentence: machine, reason, what to do", () => {
  const missing = new Error("Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'\nRequire stack:");
  assert.throws(() => onnxruntime(missing), (error) => {
    assert.ok(error instanceof EngineUnavailableError);
    assert.equal(
      error.message,
      `onnxruntime does not load on ${Deno.build.os} ${Deno.build.arch} (Cannot find module ` +
        "'../bin/napi-v6/darwin/x64/onnxruntime_binding.node'); use a machine that the package onnxruntime-node has a " +
        "binary for, or train with --engine tensorflow or cpu",
    );
    return true;
  });
});

Deno.test("a missing permission stays the error of Deno", () => {
  const denied = new Deno.errors.NotCapable("Requires ffi access");
  assert.throws(() => onnxruntime(denied), (error) => error === denied);
});

Deno.test("a session is released at the end of its scope", async () => {
  let kept;
  {
    await using session = await openSession(identity(), {});
    const { y } = await session.run(ortTensors({ x: { shape: [2], data: Float32Array.of(1, 2) } }));
    assert.deepEqual([...y!.data as Float32Array], [1, 2]);
    kept = session;
  }
  await assert.rejects(kept.run(ortTensors({ x: { shape: [1], data: Float32Array.of(1) } })));
});

Deno.test("only the borders of the engine and of the package import onnxruntime-node, besides benches and examples", async () => {
  const importing: string[] = [];
  for (const room of ["data", "engine", "export", "model", "onnx", "pipeline"]) {
    for await (const path of sources(room)) {
      const code = (await Deno.readTextFile(path)).replace(/\/\*[\s\S]*?\*\//g, "");
      if (/(^import (?!type)[^;]* from |import\()"onnxruntime-node"/m.test(code)) importing.push(path);
    }
  }
  assert.deepEqual(importing, ["engine/onnxruntime.ts", "onnx/training/runtime.ts"]);
});

async function* sources(folder: string): AsyncGenerator<string> {
  const root = new URL("../../", import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}
