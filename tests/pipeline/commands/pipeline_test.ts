import assert from "#assert";
import { pipeline } from "../../../pipeline/commands/pipeline.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { writePictureFolder } from "../../support/picture_folder.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

const stages = ["download", "preprocess", "train", "evaluate", "export", "report"];

/** A configuration of the whole chain on ten pictures of one colour each. */
async function tinyChain(folder: string) {
  await writePictureFolder(`${folder}/pictures`);
  return resolveConfiguration("quick", undefined, {
    ...{ cache: `${folder}/cache`, runs: `${folder}/runs`, dataset: "folder", images: `${folder}/pictures` },
    ...{ imageSize: 8, width: 2, batch: 4, epochs: 1, parityImages: 1, engine: "onnxruntime", threads: 1 },
  });
}

Deno.test("the chain runs every stage in its order, and then nothing again", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyChain(folder);
    const context = testContext();
    const results = await pipeline.run(configuration, context);
    assert.deepEqual(Object.keys(results), stages);
    const began = context.lines.filter((line) => line.endsWith("running (never run)")).map((line) =>
      line.split(":")[0]
    );
    assert.deepEqual(began, stages.slice(1), "a folder of images needs no download");
    const again = testContext();
    await pipeline.run(configuration, again);
    assert.deepEqual(again.lines.slice(1), stages.slice(1).map((stage) => `${stage}: up to date`));
  }));

Deno.test("a chain that is stopped begins no other stage", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyChain(folder);
    const abort = new AbortController();
    const lines: string[] = [];
    const log = (line: string) => {
      lines.push(line);
      if (/^preprocess: .* images of/.test(line)) abort.abort(new Error("stopped"));
    };
    await assert.rejects(pipeline.run(configuration, testContext({ signal: abort.signal, log })), /stopped/);
    assert.ok(!lines.some((line) => line.startsWith("train")), lines.join("\n"));
  }));

Deno.test("the chain has the flags of its stages, and no others", () => {
  const fields: readonly string[] = pipeline.fields;
  for (const field of ["from", "imageSize", "learningRate", "precision", "run"]) {
    assert.ok(fields.includes(field), field);
  }
  for (const field of ["seeds", "model", "urls", "top", "port"]) assert.ok(!fields.includes(field), field);
  assert.equal(new Set(fields).size, fields.length);
});
