import assert from "#assert";
import { readProperties, withMetadata } from "../../../../onnx/file/metadata.ts";
import { packageFiles, packagePaths } from "../../../../pipeline/commands/export/packages.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import type { Evaluation } from "../../../../pipeline/run/evaluation_file.ts";
import type { ParityReport, ReducedReport } from "../../../../pipeline/run/parity_file.ts";
import { runPaths } from "../../../../pipeline/run/paths.ts";
import { networkOf } from "../../../../pipeline/run/described_network.ts";
import { useCpu } from "../../../support/eager.ts";
import { exportedFile } from "../../../support/exported_file.ts";

await useCpu();
const model = exportedFile("float32-nchw", 8, { features: true, explain: true });
const labels = ["cat", "dog"];
const split = { count: 0, images: new Uint8Array(), labels: new Uint8Array() };
const dataset = {
  ...{ name: "pets", labels, imageShape: [8, 8, 3] as const, train: split, test: split },
  ...{ mean: [0.5, 0.5, 0.5] as const, std: [0.25, 0.25, 0.25] as const },
};
const measured = {
  ...{ bytes: 2, images: 4, maxAbsoluteDifference: 0, top1Agreement: 1, passed: true },
  speed: { threads: 1, batch: 128, imagesPerSecond: 100, millisecondsForOne: 10 },
};
const float32: ParityReport = {
  ...{ ...measured, precision: "float32", tolerance: 1e-4, checkpoint: "best", opset: 17, input: "float32-nchw" },
  ...{ accuracy: { reference: 1, exported: 1 }, test: { images: 20, accuracy: 0.5 }, reduced: {} },
};
const int8: ReducedReport = { ...measured, precision: "int8", accuracy: 1, accuracyLoss: 0, allowedAccuracyLoss: 1 };
const evaluated: Evaluation = {
  ...{ dataset: "pets", checkpoint: "best", checkpointDigest: "", step: 8, loss: 2, top5Accuracy: 1 },
  ...{
    calibration: { expectedCalibrationError: 0, bins: [] },
    mistakes: [],
    chosenOn: "validation",
    testTimeAugmentation: "none",
  },
  ...{ engine: "cpu", images: 2, correct: 1, accuracy: 0.5, classes: [], confusion: [[1, 1], [0, 0]] },
  macro: { precision: 0.5, recall: 0.5, f1: 0.5 },
};

Deno.test("the files that are written are those that the stage records, each model with its own bytes", () => {
  const configuration = resolveConfiguration("quick", undefined, { runs: "runs" });
  const paths = runPaths(configuration);
  const files = packageFiles({
    ...{ paths, configuration, dataset, net: networkOf(configuration, dataset) },
    evaluated,
    float32: { bytes: model, report: float32 },
    reduced: [{ bytes: withMetadata(model, { precision: "int8" }), report: int8 }],
  });
  assert.deepEqual(Object.keys(files).toSorted(), packagePaths(paths, ["float32", "int8"]).toSorted());
  const described = (file: string) => readProperties(files[`runs/quick/export/${file}.onnx`] as Uint8Array);
  const inputs = (file: string) => Object.keys(described(file).inputs);
  assert.deepEqual(inputs("huggingface/onnx/model"), ["pixel_values"]);
  assert.deepEqual(inputs("triton/shakenet/1/model"), ["image"]);
  for (const file of ["huggingface/onnx/model_int8", "triton/shakenet_int8/1/model"]) {
    assert.equal(described(file).metadata["precision"], "int8");
  }
  assert.equal(files["runs/quick/export/triton/shakenet/labels.txt"], "cat\ndog\n");
  const card = String(files["runs/quick/export/huggingface/README.md"]);
  assert.match(card, /^- `features`: float32 \[batch, 8\], .*\n- `explanation`: float32 \[batch, 2, 2\], /m);
  const triton = String(files["runs/quick/export/triton/shakenet/config.pbtxt"]);
  const listed = [...triton.matchAll(/name: "(\w+)"\s+data_type: TYPE_FP32\s+dims: \[ (.*) \]/g)];
  assert.deepEqual(listed.map(([, name, dims]) => [name, dims]), [
    ...[["logits", "3"], ["probabilities", "3"], ["features", "8"], ["explanation", "2, 2"]],
  ]);
});
