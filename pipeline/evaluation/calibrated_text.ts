/**
 * The calibration of a model in words: its temperature, the calibration error before and after, and the table of coverage.
 *
 * @module
 */
import { percentText } from "../cli/quantity.ts";
import type { Calibrated } from "../run/calibration_schema.ts";

const fittedOnText: Readonly<Record<Calibrated["fittedOn"], string>> = {
  validation: "validation images",
  "half of test": "test images, a half that is not measured",
};

/** States the temperature and its effect on the measured images. */
export function temperatureText({ temperature, fittedOn, fittedImages, images, before, after }: Calibrated): string {
  const error = ({ calibration }: Calibrated["before"]) => percentText(calibration.expectedCalibrationError);
  return `temperature ${temperature.toFixed(3)}, fitted on ${fittedImages} ${
    fittedOnText[fittedOn]
  }: calibration error ` +
    `${error(before)} before, ${error(after)} after; loss ${before.loss.toFixed(4)} before, ${after.loss.toFixed(4)} ` +
    `after (${images} test images)`;
}

/** States the threshold of unsure answers. */
export function unsureText({ wantedPrecision, unsureBelow, coverage }: Calibrated): string {
  const wanted = percentText(wantedPrecision);
  if (unsureBelow === null) return `no threshold gives ${wanted} right answers, so no answer is called unsure`;
  if (unsureBelow === 0) return `${wanted} of all answers are right without a threshold, so no answer is called unsure`;
  const answered = coverage.find((row) => row.wanted === wantedPrecision)?.coverage;
  const none = answered === 0 ? "; every test image is below it" : "";
  return `answers of a probability below ${unsureBelow.toFixed(3)} are unsure, for ${wanted} right answers${none}`;
}

/** The heads of {@linkcode coverageRows}. */
export const coverageHeads = ["wanted", "threshold", "answered", "right of these"];

/** The table of coverage, a row for each wanted share of right answers. */
export const coverageRows = ({ coverage }: Calibrated): string[][] =>
  coverage.map(({ wanted, threshold, coverage, precision }) => [
    percentText(wanted),
    threshold === null ? "none found" : threshold.toFixed(3),
    coverage === undefined ? "" : percentText(coverage),
    precision === undefined || precision === null ? "" : percentText(precision),
  ]);

/** Everything, a line each, for terminals. */
export function calibratedText(calibrated: Calibrated): string[] {
  const rows = [coverageHeads, ...coverageRows(calibrated)];
  const widths = coverageHeads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    temperatureText(calibrated),
    unsureText(calibrated),
    ...rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join("  ")),
  ];
}
