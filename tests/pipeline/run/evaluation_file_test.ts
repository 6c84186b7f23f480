import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import {
  type Evaluation,
  evaluationIfThere,
  readEvaluation,
  writeEvaluation,
} from "../../../pipeline/run/evaluation_file.ts";
import { type RunPaths, runPaths } from "../../../pipeline/run/paths.ts";
import { runStage, sha256 } from "../../../pipeline/run/stage_record.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

const bin = { from: 0, to: 1, images: 2, confidence: 0.5, accuracy: 0.5 };
const ofClass = (label: string, support: number) => ({ label, precision: 0.5, recall: 0.5, f1: 0.5, support });

/** Runs a test with the evaluation of a checkpoint of four bytes. */
const withEvaluation = (test: (paths: RunPaths, evaluation: Evaluation) => Promise<void>) => () =>
  inTemporaryFolder(async (runs) => {
    const paths = runPaths({ runs, run: "mine" });
    await Deno.mkdir(`${paths.folder}/checkpoints`, { recursive: true });
    await Deno.writeFile(paths.best, Uint8Array.of(1, 2, 3, 4));
    await Deno.writeFile(paths.last, Uint8Array.of(5, 6, 7, 8));
    const evaluation: Evaluation = {
      ...{ dataset: "shapes", checkpoint: "best", checkpointDigest: (await sha256(paths.best))!, step: 8, loss: 2 },
      ...{ top5Accuracy: 1, calibration: { expectedCalibrationError: 0, bins: [bin] }, mistakes: [] },
      ...{ chosenOn: "validation", testTimeAugmentation: "none", engine: "cpu", images: 2, correct: 1, accuracy: 0.5 },
      ...{ macro: { precision: 0.5, recall: 0.5, f1: 0.5 }, confusion: [[1, 1], [0, 0]] },
      classes: [ofClass("cat", 2), ofClass("dog", 0)],
    };
    const { best, evaluation: path, evaluateRecord } = paths;
    const stage = { name: "evaluate", record: evaluateRecord, settings: {}, inputs: [best], outputs: [path] };
    await runStage(stage, testContext(), () => writeEvaluation(paths, evaluation));
    await test(paths, evaluation);
  });

const refused = (action: Promise<unknown>, says: RegExp) =>
  assert.rejects(action, (error) => error instanceof InputError && says.test(error.message));

Deno.test(
  "an evaluation is read as it was written",
  withEvaluation(async (paths, evaluation) => {
    assert.deepEqual(await readEvaluation(paths, "best"), evaluation);
    assert.deepEqual(await readEvaluation(paths, paths.best), evaluation, "a checkpoint is named by its path, too");
  }),
);

Deno.test(
  "an evaluation that does not say which images chose the checkpoint had no other than those of the test split",
  withEvaluation(async (paths, { chosenOn: _, ...earlier }) => {
    for (const [checkpoint, chosenOn] of [["best", "test"], ["last", "none"]]) {
      await Deno.writeTextFile(paths.evaluation, JSON.stringify({ ...earlier, checkpoint }));
      assert.equal((await evaluationIfThere(paths))!.chosenOn, chosenOn);
    }
  }),
);

Deno.test(
  "an evaluation that was changed is refused",
  withEvaluation(async (paths, evaluation) => {
    await writeEvaluation(paths, { ...evaluation, accuracy: 0.99 });
    await refused(
      readEvaluation(paths, "best"),
      /evaluation\.json has changed since evaluate wrote it; run `deno task evaluate --run mine --runs \S+ --checkpoint best` first$/,
    );
  }),
);

Deno.test(
  "an evaluation of another checkpoint, or of one that has changed, is refused",
  withEvaluation(async (paths) => {
    const says = (name: string) =>
      new RegExp(
        `evaluation\\.json is not of \\S+${name}\\.safetensors as it is now; run .* --checkpoint ${name}\` first$`,
      );
    await refused(readEvaluation(paths, "last"), says("last"));
    await Deno.writeFile(paths.best, Uint8Array.of(1, 2, 3, 5));
    await refused(readEvaluation(paths, "best"), says("best"));
  }),
);

Deno.test(
  "an evaluation that lacks a field is refused, whoever wrote it",
  withEvaluation(async (paths) => {
    const { accuracy: _, ...others } = JSON.parse(await Deno.readTextFile(paths.evaluation));
    await Deno.writeTextFile(paths.evaluation, JSON.stringify(others));
    await refused(
      readEvaluation(paths, "best"),
      /is not as `deno task evaluate .*` writes it; run it again with --force$/,
    );
  }),
);

Deno.test(
  "an evaluation whose parts are not of the same classes and images is refused",
  withEvaluation(async (paths, evaluation) => {
    const mistake = { image: 0, actual: 0, predicted: 2, confidence: 1, actualProbability: 0 };
    const damages: Readonly<Record<string, object>> = {
      "a class more than rows": { classes: [...evaluation.classes, ofClass("bird", 0)] },
      "a row more than classes": { confusion: [...evaluation.confusion, [0, 0]] },
      "a short row": { confusion: [[1, 1], [0]] },
      "a row of other images": { confusion: [[1, 2], [0, 0]] },
      "other images": { images: 3 },
      "more correct ones": { correct: 2 },
      "a mistake of no class": { mistakes: [mistake] },
      "no bins": { calibration: { expectedCalibrationError: 0, bins: [] } },
    };
    for (const [name, damage] of Object.entries(damages)) {
      await Deno.writeTextFile(paths.evaluation, JSON.stringify({ ...evaluation, ...damage }));
      await assert.rejects(
        evaluationIfThere(paths),
        /is not as `deno task evaluate --run \S+ --runs \S+` writes it/,
        name,
      );
    }
  }),
);
