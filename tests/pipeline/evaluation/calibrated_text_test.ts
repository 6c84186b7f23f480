import assert from "#assert";
import { calibratedText } from "../../../pipeline/evaluation/calibrated_text.ts";

const measured = (error: number, loss: number) => ({
  loss,
  calibration: { expectedCalibrationError: error, bins: [] },
});

const calibrated = {
  ...{ temperature: 1.5, fittedOn: "validation", fittedImages: 30, images: 100 } as const,
  ...{ before: measured(0.1, 0.9), after: measured(0.02, 0.7), wantedPrecision: 0.95, unsureBelow: 0.7 },
  coverage: [
    { wanted: 0.9, threshold: 0, coverage: 1, precision: 0.91 },
    { wanted: 0.99, threshold: null },
  ],
};

Deno.test("the calibration has its temperature, errors before and after, the threshold and a table", () => {
  assert.deepEqual(calibratedText(calibrated), [
    "temperature 1.500, fitted on 30 validation images: calibration error 10.00 % before, 2.00 % after; " +
    "loss 0.9000 before, 0.7000 after (100 test images)",
    "answers of a probability below 0.700 are unsure, for 95.00 % right answers",
    " wanted   threshold  answered  right of these",
    "90.00 %       0.000  100.00 %         91.00 %",
    "99.00 %  none found                          ",
  ]);
});

Deno.test("without a threshold it says why no answer is unsure", () => {
  const text = (unsureBelow: number | null) => calibratedText({ ...calibrated, unsureBelow })[1]!;
  assert.match(text(null), /no threshold gives 95.00 % right answers/);
  assert.match(text(0), /95.00 % of all answers are right without a threshold/);
});

Deno.test("a threshold above every answer to a test image is said to be", () => {
  const coverage = [{ wanted: 0.95, threshold: 0.7, coverage: 0, precision: null }];
  assert.match(calibratedText({ ...calibrated, coverage })[1]!, /right answers; every test image is below it$/);
});
