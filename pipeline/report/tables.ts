/**
 * The tables of a report.
 *
 * @module
 */
import { parseTrainingPictures } from "../../data/training_pictures.ts";
import type { Field } from "../configuration/fields.ts";
import { countText, durationText, megabytesText, percentText, rateText } from "../cli/quantity.ts";
import { coverageHeads, coverageRows, temperatureText, unsureText } from "../evaluation/calibrated_text.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { bestEpoch } from "../run/best_validation.ts";
import type { FileReport, ParityReport, PreprocessingReport } from "../run/parity_file.ts";
import type { Session } from "../run/session_log.ts";
import { type RunData, stepsDone } from "./read_run.ts";

type Evaluation = NonNullable<RunData["evaluation"]>;
type Parity = NonNullable<RunData["parity"]>;

/** Lists the main numbers of a run. */
export function facts(run: RunData): Markup {
  const { evaluation, parity, epochs, configuration, sessions } = run;
  const best = bestValidation(run), images = imagesPerSecond(sessions);
  const step = stepsDone(run);
  const augmented = evaluation?.augmented, top5 = evaluation?.top5Accuracy, calibration = evaluation?.calibration;
  const content = [
    evaluation && fact("Test accuracy", percentText(evaluation.accuracy), imagesText(evaluation)),
    evaluation?.balancedAccuracy !== undefined &&
    fact("Balanced accuracy", percentText(evaluation.balancedAccuracy), `macro F1 ${percentText(evaluation.macro.f1)}`),
    augmented && fact(`With views ${evaluation.testTimeAugmentation}`, percentText(augmented.accuracy)),
    top5 !== undefined && fact("Top-5 accuracy", percentText(top5)),
    calibration && calibrationFact(evaluation),
    best && fact("Best validation", percentText(best.accuracy), best.when),
    ...trainingPictures(run),
    step > 0 && fact("Steps", step, `${epochs.length} of ${configuration.epochs} epochs`),
    images !== undefined && fact("Training images/s", rateText(images), sessions.at(-1)!.begin.engine),
    parity &&
    fact("Exported model", equality(parity), `logits within ${parity.maxAbsoluteDifference.toExponential(1)}`),
  ];
  return html`<dl class="facts">${content}</dl>`;
}

/** The pictures that a run is trained on, if it leaves some out. */
function trainingPictures({ configuration, data }: RunData): Markup[] {
  const pictures = parseTrainingPictures(configuration.trainingPictures);
  if (pictures === "all") return [];
  const trained = "count" in pictures ? countText(pictures.count) : `a share of ${pictures.share}`;
  return [fact("Training pictures", trained, data && `of ${countText(data.train.images)}`)];
}

const imagesText = ({ correct, images, chosenOn }: Evaluation) =>
  `${correct} of ${images}${chosenOn === "test" ? ", chosen on them" : ""}`;

/** The calibration error of the exported model's probabilities, and that of the network's own. */
function calibrationFact({ calibration, calibrated }: Evaluation): Markup {
  const error = (of: Evaluation["calibration"]) => percentText(of.expectedCalibrationError);
  if (!calibrated) return fact("Calibration error", error(calibration));
  const { before, after } = calibrated;
  return fact("Calibration error", error(after.calibration), `${error(before.calibration)} without temperature`);
}

const equality = ({ passed }: Parity): Markup =>
  passed ? html`<span class="good">equal</span>` : html`<span class="bad">differs</span>`;

/** Writes a number of `.facts` with its name. */
export function fact(name: string, value: Content, note?: string): Markup {
  const small = note && html`<small>${note}</small>`;
  return html`
    <div>
      <dt>${name}</dt>
      <dd>${value}${small}</dd>
    </div>
  `;
}

/** Compares runs, a row for each; leaves out columns that no run fills. */
export function comparison(runs: readonly RunData[]): Markup {
  const rows = runs.map((run) => {
    const { name, configuration, evaluation, epochs } = run;
    const best = bestValidation(run), images = imagesPerSecond(run.sessions);
    return [
      name,
      configuration.shake,
      evaluation && percentText(evaluation.accuracy),
      evaluation?.chosenOn,
      evaluation?.top5Accuracy !== undefined && percentText(evaluation.top5Accuracy),
      evaluation && evaluation.loss.toFixed(4),
      best && `${percentText(best.accuracy)}, ${best.when}`,
      `${epochs.length} of ${configuration.epochs}`,
      stepsDone(run),
      images !== undefined && rateText(images),
    ];
  });
  const heads = [
    "run",
    "shake",
    "test accuracy",
    "chosen on",
    "top-5",
    "test loss",
    "best validation",
    "epochs",
    "steps",
    "images/s",
  ];
  const filled = heads.map((_, column) => rows.some((cells) => cells[column] !== undefined && cells[column] !== false));
  const ofFilled = <Cell>(cells: readonly Cell[]) => cells.filter((_, column) => filled[column]);
  return table(ofFilled(heads), rows.map(ofFilled), 2);
}

/** Lists precision, recall and F1 of every class. */
export function classTable({ classes, macro, images }: Evaluation): Markup {
  const row = (label: string, c: Omit<Evaluation["classes"][number], "label">) => [
    label,
    html`<meter min="0" max="1" value="${c.f1}"></meter>`,
    ...[percentText(c.f1), percentText(c.precision), percentText(c.recall), c.support],
  ];
  const rows = [...classes.map((c) => row(c.label, c)), row("mean", { ...macro, support: images })];
  const content = table(["class", "", "F1", "precision", "recall", "images"], rows, 2);
  return classes.length <= 20
    ? html`<h3>Classes</h3>${content}`
    : html`<details><summary>${classes.length} classes</summary>${content}</details>`;
}

/** States the temperature, and lists how many answers are given and right by the wanted share of right ones. */
export function coverageTable(calibrated: NonNullable<Evaluation["calibrated"]>): Markup {
  return html`
    <h3>Sure answers</h3>
    <p>${sentence(temperatureText(calibrated))} ${sentence(unsureText(calibrated))}</p>
    ${table(coverageHeads, coverageRows(calibrated), 0)}
  `;
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** Greatest number of pairs of classes in the table. */
const PAIRS = 10;

/** Lists the pairs of classes that are confused, the most frequent first. */
export function confusedPairs({ confusion, classes }: Evaluation): Markup {
  const pairs = confusion.flatMap((row, actual) =>
    row.flatMap((images, predicted) => images > 0 && predicted !== actual ? [{ actual, predicted, images }] : [])
  ).toSorted((a, b) => b.images - a.images).slice(0, PAIRS);
  if (pairs.length === 0) return html`<p class="good">Every test image is classified correctly.</p>`;
  const rows = pairs.map(({ actual, predicted, images }) => [
    ...[classes[actual]!.label, classes[predicted]!.label, images],
    percentText(images / classes[actual]!.support),
  ]);
  return html`<h3>Most frequent mistakes</h3>${table(["actual", "predicted", "images", "share of class"], rows, 2)}`;
}

/** Lists the sessions of a run: time, engine, steps and speed. */
export function sessionTable(sessions: readonly Session[]): Markup {
  const rows = sessions.map(({ begin, end }) => [
    begin.time.slice(0, 16).replace("T", " "),
    begin.engine,
    end ? `${begin.step + 1} to ${end.step}` : `from ${begin.step + 1}`,
    end && durationText(end.seconds),
    end && rateText(end.imagesPerSecond),
  ]);
  return html`<p>Training images per second, including validations and checkpoints.</p>${
    table(["began (UTC)", "engine", "steps", "time", "images/s"], rows, 2)
  }`;
}

/** Compares the exported model with the network, and lower precisions with the exported model. */
export function parityTable(file: ParityReport): Markup {
  const { test, reduced, images, opset, input, tolerance, preprocessing } = file;
  const row = ({ precision, bytes, speed, ...measured }: FileReport, accuracy: number) => [
    precision,
    megabytesText(bytes),
    rateText(speed.imagesPerSecond),
    percentText(accuracy),
    measured.maxAbsoluteDifference.toExponential(1),
    percentText(measured.top1Agreement),
    measured.passed ? html`<span class="good">yes</span>` : html`<span class="bad">no</span>`,
  ];
  const rows = [row(file, test.accuracy), ...Object.values(reduced).map((file) => row(file, file.accuracy))];
  const heads = ["model", "size", "images/s", "test accuracy", "logits differ by", "same class", "within bounds"];
  return html`
    <p>
      Opset ${opset}, input ${input}. Accuracy on ${test
        .images} test images in onnxruntime; the model against the network on ${images} of
      them (allowed difference ${tolerance}), lower precisions against the model on all.
    </p>
    ${table(heads, rows, 1)}
    ${preprocessing && preprocessingTable(preprocessing)}
  `;
}

/** Compares a model that resizes pictures with `predict`. */
function preprocessingTable(report: PreprocessingReport): Markup {
  const rows = Object.entries(report).map(([kind, measured]) => [
    ...[kind, measured.pictures, measured.maxProbabilityDifference.toExponential(1)],
    ...[measured.meanProbabilityDifference.toExponential(1), percentText(measured.sameClass)],
  ]);
  return html`
    <p>The model resizes pictures: probabilities against those of <code>predict</code>, which resizes them before.</p>
    ${table(["kind", "pictures", "differ by at most", "on average by", "same class"], rows, 1)}
  `;
}

/** Lists every field; fields that differ between runs come first. */
export function configurationTable(runs: readonly RunData[]): Markup {
  const text = (run: RunData, field: Field) => {
    const value = run.configuration[field];
    return value === undefined ? "" : String(value);
  };
  const hidden: readonly Field[] = ["run", "runs", "cache"];
  const fields = [...new Set(runs.flatMap(({ configuration }) => Object.keys(configuration) as Field[]))]
    .filter((field) => !hidden.includes(field));
  const differs = (field: Field) => new Set(runs.map((run) => text(run, field))).size > 1;
  const row = (field: Field) => [
    differs(field) ? html`<span class="differs">${field}</span>` : field,
    ...runs.map((run) => text(run, field)),
  ];
  const ordered = [...fields.filter(differs), ...fields.filter((field) => !differs(field))];
  return table(["field", ...runs.map(({ name }) => name)], ordered.map(row), Infinity);
}

/**
 * Writes a table.
 *
 * @param numbers the first column of numbers, which are right-aligned
 */
export function table(heads: readonly string[], rows: readonly (readonly Content[])[], numbers: number): Markup {
  const side = (column: number) => column >= numbers && "number";
  const head = heads.map((head, at) => html`<th class="${side(at)}">${head}</th>`);
  const body = rows.map((cells) =>
    html`<tr>${cells.map((cell, at) => html`<td class="${side(at)}">${cell}</td>`)}</tr>`
  );
  return html`
    <div class="wide">
      <table>
        ${heads.some((head) => head) && html`
          <thead>
            <tr>${head}</tr>
          </thead>
        `}
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

/** The validation that chose the best checkpoint: its accuracy, and its epoch in words; undefined if there is none. */
function bestValidation({ epochs, configuration: { best: criterion } }: RunData) {
  const best = bestEpoch(epochs, criterion);
  if (!best) return undefined;
  const measure = criterion === "accuracy" ? "" : `, by ${criterion}`;
  return { accuracy: best.validationAccuracy!, when: `epoch ${best.epoch}${measure}` };
}

/** Returns the mean speed of the ended sessions. */
export function imagesPerSecond(sessions: readonly Session[]): number | undefined {
  const ends = sessions.flatMap(({ begin, end }) =>
    end ? [{ images: (end.step - begin.step) * begin.batch, end }] : []
  );
  const seconds = ends.reduce((sum, { end }) => sum + end.seconds, 0);
  return seconds > 0 ? ends.reduce((sum, { images }) => sum + images, 0) / seconds : undefined;
}
