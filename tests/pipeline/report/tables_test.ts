import assert from "#assert";
import { confusedPairs, facts, imagesPerSecond, parityTable } from "../../../pipeline/report/tables.ts";
import { withDefaults } from "../../support/tiny_run.ts";

Deno.test("the rate of a run is that of its sessions that ended, by their time", () => {
  const begin = { event: "begin", time: "", engine: "e", step: 0, steps: 100, stepsPerEpoch: 10, batch: 4 } as const;
  const end = { event: "end", time: "", step: 10, seconds: 5, imagesPerSecond: 8 } as const;
  const second = { ...begin, step: 10 }, secondEnd = { ...end, step: 40, seconds: 15 };
  assert.equal(imagesPerSecond([{ begin, end }, { begin: second, end: secondEnd }, { begin }]), 8);
  assert.equal(imagesPerSecond([{ begin }]), undefined);
});

Deno.test("the exported model and its forms of lower precision stand in one table", () => {
  const speed = { threads: 2, batch: 128, imagesPerSecond: 512, millisecondsForOne: 1 };
  const file = { bytes: 640_602, images: 64, maxAbsoluteDifference: 1e-6, top1Agreement: 1, passed: true };
  const float32 = { ...file, precision: "float32" as const, speed: { ...speed, imagesPerSecond: 300 } };
  const loss = { accuracy: 0.9, accuracyLoss: 4.6, allowedAccuracyLoss: 0.5, passed: false };
  const text = parityTable({
    ...float32,
    ...{ opset: 17, tolerance: 1e-4, checkpoint: "best", input: "uint8-nhwc" },
    accuracy: { reference: 0.9, exported: 0.9 },
    test: { images: 1000, accuracy: 0.946 },
    reduced: { int8: { ...file, ...loss, precision: "int8", speed } },
  }).text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  assert.match(text, /Opset 17, input uint8-nhwc\./);
  assert.match(text, /float32 0\.6 MB 300 94\.60 % 1\.0e-6 100\.00 % yes/);
  assert.match(text, /int8 0\.6 MB 512 90\.00 % 1\.0e-6 100\.00 % no/);
});

Deno.test("without a mistake the table of mistakes says so", () => {
  const classes = ["cat", "dog"].map((label) => ({ label, support: 2, precision: 1, recall: 1, f1: 1 }));
  const text = (confusion: number[][]) =>
    confusedPairs({ confusion, classes } as Parameters<typeof confusedPairs>[0]).text;
  assert.match(text([[2, 0], [0, 2]]), /Every test image is classified correctly/);
  assert.match(text([[2, 0], [1, 1]]), /Most frequent mistakes[^]*dog[^]*cat[^]*50\.00 %/);
});

Deno.test("the best validation of a run is the one that chose its best checkpoint", () => {
  const epochs = [[3, 0.1], [1, 0.2], [2, 0.3]].map(([validationLoss, validationAccuracy], at) => ({
    ...{ epoch: at + 1, step: 10 * (at + 1), trainLoss: 1, trainAccuracy: 0 },
    ...{ validationLoss: validationLoss!, validationAccuracy: validationAccuracy! },
  }));
  const text = (best: "accuracy" | "loss") =>
    facts({
      ...{ name: "mine", configuration: withDefaults({ best }), epochs, steps: [], sessions: [], data: undefined },
      ...{ evaluation: undefined, mistakes: undefined, parity: undefined, correlations: undefined },
    }).text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  assert.match(text("accuracy"), /Best validation 30\.00 % epoch 3 /);
  assert.match(text("loss"), /Best validation 20\.00 % epoch 2, by loss /);
});
