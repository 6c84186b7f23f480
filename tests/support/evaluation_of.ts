import type { Evaluation } from "../../pipeline/run/evaluation_file.ts";

/** An evaluation of the best checkpoint: one right image of each class. */
export function evaluationOf(labels: readonly string[], checkpointDigest = ""): Evaluation {
  const count = labels.length, score = { precision: 1, recall: 1, f1: 1 };
  return {
    ...{ dataset: "odd", checkpoint: "best", checkpointDigest, step: 1, loss: 0, top5Accuracy: 1 },
    ...{
      calibration: {
        expectedCalibrationError: 0,
        bins: [{ from: 0, to: 1, images: count, confidence: 1, accuracy: 1 }],
      },
      mistakes: [],
      chosenOn: "validation",
      testTimeAugmentation: "none",
    },
    ...{ engine: "cpu", images: count, correct: count, accuracy: 1, macro: score },
    classes: labels.map((label) => ({ label, ...score, support: 1 })),
    confusion: labels.map((_, actual) => labels.map((_, predicted) => actual === predicted ? 1 : 0)),
  };
}
