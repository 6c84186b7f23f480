/**
 * The stage `evaluate`: evaluates a checkpoint of a run unless that is up to date, and writes evaluation.json.
 *
 * @module
 */
import { checkSafetensors } from "../../data/files/safetensors.ts";
import type { Context, Result } from "../cli/command.ts";
import { percentText } from "../cli/quantity.ts";
import type { Configuration, Field } from "../configuration/fields.ts";
import { type Evaluation, readEvaluation, writeEvaluation } from "../run/evaluation_file.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { checkpointPath, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";
import { runStage } from "../run/stage_record.ts";
import { formatReport } from "./classification_report.ts";
import { evaluateCheckpoint } from "./evaluate_checkpoint.ts";

export const evaluationFields = [
  "run",
  "checkpoint",
  "testTimeAugmentation",
  "engine",
  "device",
  "threads",
  "runs",
  "cache",
] as const satisfies readonly Field[];

export type EvaluationConfiguration = Pick<Configuration, typeof evaluationFields[number]>;

/** @returns the evaluation, the path of its file, and whether it was up to date */
export async function evaluateStage(options: EvaluationConfiguration, context: Context): Promise<Result> {
  const { checkpoint, testTimeAugmentation, engine, device } = options;
  const paths = runPaths(options);
  const { evaluation: file, evaluateRecord } = paths;
  const trained = { ...await readRunConfiguration(paths), cache: options.cache };
  await checkSafetensors(checkpointPath(paths, checkpoint), trainFirst(options));
  const stage = {
    name: "evaluate",
    record: evaluateRecord,
    settings: { checkpoint, testTimeAugmentation, engine, device },
    inputs: [checkpointPath(paths, checkpoint), datasetPaths(trained).decoded],
    outputs: [file],
  };
  const upToDate = await runStage(stage, context, async () => {
    const evaluation = await evaluateCheckpoint(options, paths, trained, context);
    await writeEvaluation(paths, evaluation);
    context.print(`${summaryOf(evaluation)}\n\n${formatReport(evaluation)}`);
  });
  return { ...await readEvaluation(paths, checkpoint), file, upToDate };
}

function summaryOf({ accuracy, correct, images, top5Accuracy, calibration, testTimeAugmentation }: Evaluation): string {
  const views = testTimeAugmentation === "none" ? "" : `, with views ${testTimeAugmentation}`;
  const top5 = top5Accuracy === undefined ? "" : `top-5 ${percentText(top5Accuracy)}; `;
  return `accuracy ${percentText(accuracy)} (${correct} of ${images})${views}; ${top5}` +
    `calibration error ${percentText(calibration.expectedCalibrationError)}`;
}
