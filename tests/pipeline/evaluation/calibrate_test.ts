import assert from "#assert";
import { calibrate, halves } from "../../../pipeline/evaluation/calibrate.ts";
import { assertClose } from "../../support/assert_close.ts";

/** Images of two classes whose logits differ by `gap`; a share of them is right. */
function predictions(gap: number, right: number, images: number) {
  return {
    logProbabilities: Float32Array.from({ length: 2 * images }, (_, at) => at % 2 ? 0 : gap),
    labels: Array.from({ length: images }, (_, at) => at < right * images ? 0 : 1),
    classes: 2,
  };
}

Deno.test("the temperature of the images that fit lowers the calibration error of others", () => {
  const fitted = predictions(6, 0.8, 20), measured = predictions(6, 0.75, 40);
  const { temperature, before, after, images, fittedImages } = calibrate(
    { fitted, fittedOn: "validation", measured },
    0.9,
  )!;
  assertClose([temperature], [6 / Math.log(4)], 1e-8);
  assertClose([before.calibration.expectedCalibrationError], [1 / (1 + Math.exp(-6)) - 0.75], 1e-6);
  assertClose([after.calibration.expectedCalibrationError], [0.8 - 0.75], 1e-6);
  assert.ok(after.loss < before.loss);
  assert.deepEqual([images, fittedImages], [40, 20]);
});

Deno.test("the table has the wanted share in its place, and says where no threshold reaches a share", () => {
  const fitted = predictions(6, 0.8, 20);
  const calibrated = calibrate({ fitted, fittedOn: "validation", measured: fitted }, 0.85)!;
  assert.deepEqual(calibrated.coverage.map(({ wanted }) => wanted), [0.8, 0.85, 0.9, 0.95, 0.98, 0.99]);
  assert.deepEqual(calibrated.coverage[0], { wanted: 0.8, threshold: 0, coverage: 1, precision: 0.8 });
  assert.deepEqual(calibrated.coverage[1], { wanted: 0.85, threshold: null });
  assert.equal(calibrated.unsureBelow, null);
});

Deno.test("images that are all right give no calibration", () => {
  const fitted = predictions(6, 1, 4);
  assert.equal(calibrate({ fitted, fittedOn: "validation", measured: fitted }, 0.9), undefined);
});

Deno.test("two halves share no image, and each has images of every place", () => {
  const images = 101;
  const all = {
    logProbabilities: Float32Array.from({ length: 2 * images }, (_, at) => Math.floor(at / 2)),
    labels: Array.from({ length: images }, (_, at) => at),
    classes: 2,
  };
  const [first, second] = halves(all);
  assert.deepEqual([first.labels.length, second.labels.length], [50, 51]);
  const labels = [...Array.from(first.labels), ...Array.from(second.labels)];
  assert.deepEqual(labels.toSorted((a, b) => a - b), all.labels);
  assert.equal(first.logProbabilities[7 * 2], first.labels[7], "rows stay with their labels");
  assert.ok(
    Array.from(first.labels).some((label) => label % 2) && Array.from(first.labels).some((label) => label > 90),
  );
});
