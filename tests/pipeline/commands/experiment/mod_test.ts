import assert from "node:assert/strict";
import sharp from "sharp";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { experiment } from "../../../../pipeline/commands/experiment/mod.ts";
import { experiments, experimentTable, rowResult } from "../../../../pipeline/commands/experiment/paper_tables.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

Deno.test("table 1 has the paper's rows and errors", () => {
  const rows = experiments.table1.rows.map(({ name, settings, paper }) => [name, settings.shake, paper]);
  assert.deepEqual(rows, [
    ["even-even-batch", "even-even-batch", 4.27],
    ["even-shake-batch", "even-shake-batch", 4.44],
    ["shake-keep-batch", "shake-keep-batch", 4.11],
    ["shake-even-batch", "shake-even-batch", 3.47],
    ["shake-shake-batch", "shake-shake-batch", 3.67],
    ["even-shake-image", "even-shake-image", 4.11],
    ["shake-keep-image", "shake-keep-image", 4.09],
    ["shake-even-image", "shake-even-image", 3.47],
    ["shake-shake-image", "shake-shake-image", 3.55],
  ]);
});

Deno.test("a row has the mean of its seeds, and their deviation where there are two", () => {
  const row = experiments.table1.rows[0]!;
  const { mean, deviation, paper } = rowResult(row, [10, 11, 15]);
  assertClose([mean, deviation!, paper!], [12, Math.sqrt((4 + 1 + 9) / 2), 4.27], 1e-12);
  assert.equal(rowResult(row, [10]).deviation, null);
  const text = experimentTable("T", "S.", [rowResult(row, [10, 11, 15]), rowResult({ name: "x", settings: {} }, [1])]);
  assert.match(text, /\| even-even-batch \| 12\.00 \| 2\.65 \| 3 \| 4\.27 \|/);
  assert.match(text, /\| x \| 1\.00 \| {2}\| 1 \| {2}\|/);
});

/** Writes a folder of ten pictures of one colour each, of two classes. */
async function writePictures(folder: string): Promise<void> {
  for (const [name, channels] of [["dark", 40], ["light", 200]] as const) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let at = 0; at < 5; at++) {
      const pixels = new Uint8Array(192).fill(channels + at);
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(`${folder}/${name}/${at}.png`);
    }
  }
}

Deno.test("an experiment trains each row with each seed, writes the table, and goes on where it was stopped", () =>
  inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/pictures`);
    const configuration = resolveConfiguration("quick", undefined, {
      cache: `${folder}/cache`,
      runs: `${folder}/runs`,
      dataset: "folder",
      images: `${folder}/pictures`,
      imageSize: 8,
      width: 2,
      batch: 4,
      epochs: 1,
      seeds: 2,
      engine: "onnxruntime",
    });
    const abort = new AbortController();
    let runs = 0;
    const log = (line: string) => {
      if (line.startsWith("experiment: run") && ++runs === 4) abort.abort(new Error("stopped"));
    };
    const stopped = testContext({ argument: "ablation", signal: abort.signal, log });
    await assert.rejects(experiment.run(configuration, stopped), /stopped/);

    const context = testContext({ argument: "ablation" });
    await experiment.run(configuration, context);
    const { length: rows } = experiments.ablation.rows;
    assert.equal(context.lines.filter((line) => line === "train: up to date").length, 3);
    assert.equal(context.lines.filter((line) => line.startsWith("experiment: run")).length, 2 * rows);
    const { size, results } = JSON.parse(await Deno.readTextFile(`${folder}/runs/quick-ablation/ablation.json`));
    assert.match(size, /^ShakeNet-8 2x2d on pictures, 1 epochs of 8 images, batch 4, /);
    for (const { name, errors } of results as { name: string; errors: number[] }[]) {
      const accuracies = [1, 2].map(async (seed) => {
        const evaluation = `${folder}/runs/quick-ablation/${name}-seed${seed}/evaluation.json`;
        return JSON.parse(await Deno.readTextFile(evaluation)).accuracy;
      });
      assertClose(errors, (await Promise.all(accuracies)).map((accuracy) => 100 * (1 - accuracy)), 1e-9);
    }
  }));
