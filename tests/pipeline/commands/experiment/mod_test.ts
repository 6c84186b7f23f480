import assert from "#assert";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { experiment } from "../../../../pipeline/commands/experiment/mod.ts";
import { experiments } from "../../../../pipeline/commands/experiment/paper_tables.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { writePictureFolder } from "../../../support/picture_folder.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

Deno.test("an experiment trains each row with each seed, writes the table, and goes on where it was stopped", () =>
  inTemporaryFolder(async (folder) => {
    await writePictureFolder(`${folder}/pictures`);
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
      validation: "none",
      engine: "onnxruntime",
      threads: 1,
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

Deno.test("a flag of another experiment is refused", async () => {
  const configuration = resolveConfiguration("quick", undefined, { budget: "1" });
  await assert.rejects(
    experiment.run(configuration, testContext({ argument: "table1" })),
    /^UsageError: --budget is a flag of experiment recipe, not of table1; leave it out$/,
  );
});
