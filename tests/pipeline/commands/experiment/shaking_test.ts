import assert from "#assert";
import { experiment } from "../../../../pipeline/commands/experiment/mod.ts";
import type { Given } from "../../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { UsageError } from "../../../../pipeline/configuration/usage_error.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { writePictureFolder } from "../../../support/picture_folder.ts";
import { metricsOf } from "../../../support/run_files.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

async function configurationIn(folder: string, fields: Given = {}) {
  await writePictureFolder(`${folder}/pictures`);
  return resolveConfiguration("quick", undefined, {
    ...{ cache: `${folder}/cache`, runs: `${folder}/runs`, dataset: "folder", images: `${folder}/pictures` },
    ...{ imageSize: 8, width: 2, batch: 2, epochs: 3, validateEvery: 2, seeds: 2, trainingPictures: "4" },
    ...{ validation: "test", engine: "onnxruntime", threads: 1, ...fields },
  });
}

Deno.test("modes are trained with each seed, resumed, and drawn with the errors of the last checkpoints", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await configurationIn(folder);
    const abort = new AbortController();
    let runs = 0;
    const log = (line: string) => {
      if (line.startsWith("experiment: run") && ++runs === 3) abort.abort(new Error("stopped"));
    };
    await assert.rejects(
      experiment.run(configuration, testContext({ argument: "shaking", signal: abort.signal, log })),
      /stopped/,
    );
    const context = testContext({ argument: "shaking" });
    await experiment.run(configuration, context);
    for (const stage of ["train", "evaluate", "correlate"]) {
      assert.equal(context.lines.filter((line) => line === `${stage}: up to date`).length, 2, stage);
    }

    const place = `${folder}/runs/quick-shaking`;
    const { size, judged, results } = JSON.parse(await Deno.readTextFile(`${place}/shaking.json`));
    assert.match(size, /^ShakeNet-8 2x2d on pictures, 3 epochs of 4 of 8 training pictures, batch 2, /);
    assert.equal(judged, "test");
    assert.deepEqual(results.map(({ mode }: { mode: string }) => mode), ["even-even-batch", "shake-shake-image"]);
    for (const { mode, errors, curve, training } of results) {
      assert.deepEqual(curve.map(({ epoch }: { epoch: number }) => epoch), [2, 3]);
      const lines = await Promise.all([1, 2].map((seed) => metricsOf({ runs: place, run: `${mode}-seed${seed}` })));
      const last = lines.map((of) => of.filter(({ epoch }) => epoch !== undefined).at(-1)!);
      // The last validation is of the last checkpoint on the same pictures.
      assertClose(errors, last.map(({ validationAccuracy }) => 100 * (1 - validationAccuracy!)), 1e-9);
      const mean = 100 * (1 - (last[0]!["trainAccuracy"]! + last[1]!["trainAccuracy"]!) / 2);
      assertClose([training[2].mean], [mean], 1e-9);
    }
    assert.match(context.printed.join(), /The last checkpoint of each run counts/);
    assert.match(await Deno.readTextFile(`${place}/shaking.svg`), /shake-shake-image/);
  }));

Deno.test("without a validation there is no curve, and the experiment is refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await configurationIn(folder, { validation: "none", validateEvery: 1 });
    await assert.rejects(
      experiment.run(configuration, testContext({ argument: "shaking" })),
      (error) => error instanceof UsageError && error.message.startsWith("--validation none: experiment shaking draws"),
    );
  }));
