/**
 * The stage `evaluate`: evaluates a checkpoint of a run unless that is up to date, and writes evaluation.json.
 *
 * @module
 */
import { checkSafetensors } from "../../data/files/safetensors.ts";
import { chosenOnText } from "../../export/chosen_on.ts";
import type { Context, Result } from "../cli/command.ts";
import { percentText } from "../cli/quantity.ts";
import type { Configuration, Field } from "../configuration/fields.ts";
import { type Evaluation, readEvaluation, writeEvaluation } from "../run/evaluation_file.ts";
import { writeExplanations } from "../run/explanations_file.ts";
import { namedMistakes, writeMistakes } from "../run/mistakes_file.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { pictureNamesPath, readPictureNames } from "../run/picture_names.ts";
import { checkpointOf, checkpointPath, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";
import { runStage } from "../run/stage_record.ts";
import { formatReport } from "./classification_report.ts";
import { WANTED_PRECISION } from "./calibrate.ts";
import { calibratedText } from "./calibrated_text.ts";
import { evaluateCheckpoint } from "./evaluate_checkpoint.ts";

export const evaluationFields = [
  "run",
  "checkpoint",
  "testTimeAugmentation",
  "wantedPrecision",
  "engine",
  "device",
  "threads",
  "runs",
  "cache",
] as const satisfies readonly Field[];

/** Mistakes that `evaluation.json` lists. */
const MISTAKES = 48;

export type EvaluationConfiguration = Pick<Configuration, typeof evaluationFields[number]>;

/**
 * Evaluates, unless that is up to date.
 *
 * @returns the evaluation, the path of its file, and whether it was up to date
 */
export async function evaluateStage(given: EvaluationConfiguration, context: Context): Promise<Result> {
  const { testTimeAugmentation, wantedPrecision = WANTED_PRECISION, engine, device } = given;
  const paths = runPaths(given);
  const { evaluation: file, evaluateRecord } = paths;
  const trained = { ...await readRunConfiguration(paths), cache: given.cache };
  const checkpoint = checkpointOf(trained, given.checkpoint);
  const options = { ...given, checkpoint };
  await checkSafetensors(checkpointPath(paths, checkpoint), trainFirst(paths));
  const names = await pictureNamesPath(trained);
  const stage = {
    name: "evaluate",
    record: evaluateRecord,
    settings: { checkpoint, testTimeAugmentation, wantedPrecision, engine, device, validation: trained.validation },
    inputs: [checkpointPath(paths, checkpoint), datasetPaths(trained).decoded, ...(names ? [names] : [])],
    outputs: [file, paths.mistakes, paths.mistakesTable, paths.explanations],
  };
  const upToDate = await runStage(stage, context, async () => {
    const { maps, ...evaluation } = await evaluateCheckpoint(options, paths, trained, context);
    await writeEvaluation(paths, { ...evaluation, mistakes: evaluation.mistakes.slice(0, MISTAKES) });
    await writeExplanations(paths, evaluation.checkpointDigest, maps);
    const labels = evaluation.classes.map(({ label }) => label);
    await writeMistakes(paths, namedMistakes(evaluation, { labels }, await readPictureNames(trained)));
    const wrong = evaluation.mistakes.length;
    if (wrong > 0) context.log(`evaluate: ${paths.mistakesTable} and ${paths.mistakes} list the ${wrong} mistakes`);
  });
  const evaluation = await readEvaluation(paths, checkpoint);
  // Whoever evaluates again wants to see the numbers again.
  context.print(`${summaryOf(evaluation).join("\n")}\n\n${formatReport(evaluation)}`);
  return { ...evaluation, file, upToDate };
}

type Measures = NonNullable<Evaluation["augmented"]>;

/** The main numbers, a line each for the images as they are, for several views, and for the choice of the checkpoint. */
function summaryOf(evaluation: Evaluation): string[] {
  const { images, augmented, testTimeAugmentation, calibration, calibrated } = evaluation;
  const measures = ({ accuracy, correct, top5Accuracy, expectedCalibrationError }: Measures) =>
    `accuracy ${percentText(accuracy)} (${correct} of ${images}); ` +
    (top5Accuracy === undefined ? "" : `top-5 ${percentText(top5Accuracy)}; `) +
    `calibration error ${percentText(expectedCalibrationError)}`;
  return [
    measures({ ...evaluation, ...calibration }),
    ...(augmented ? [`with views ${testTimeAugmentation}: ${measures(augmented)}`] : []),
    balanceText(evaluation),
    chosenOnText[evaluation.chosenOn],
    ...(calibrated ? calibratedText(calibrated) : []),
  ];
}

/** The measures that count every class alike, however many images it has. */
const balanceText = ({ balancedAccuracy = NaN, macro }: Evaluation): string =>
  `balanced accuracy ${percentText(balancedAccuracy)}; macro F1 ${percentText(macro.f1)}`;
