import assert from "#assert";
import { parseAugmentations } from "../../data/augmentation_list.ts";
import type { TrainingData } from "../../data/batches.ts";
import { InputError } from "../../data/files/input_error.ts";
import { parseSizePlan, sideAt, stepsAtSide, withSide } from "../../data/picture_sizes.ts";
import { resized } from "../../data/resize.ts";
import { randomArray } from "../support/random_tensors.ts";

const plan = parseSizePlan("16:2, 24:3");

Deno.test("a plan gives each epoch its side, and the data set's own after its last period", () => {
  assert.deepEqual([0, 1, 2, 4, 5, 99].map((epoch) => sideAt(plan, epoch, 32)), [16, 16, 24, 24, 32, 32]);
  assert.deepEqual(parseSizePlan(""), []);
  assert.equal(sideAt([], 0, 32), 32);
});

for (const text of ["16", "16:0", "15:2", "4:2", "a:b", "16:2:3", "16:-1", "16:1.5"]) {
  Deno.test(`refused: ${text}`, () => assert.throws(() => parseSizePlan(text), InputError));
}

Deno.test("a data set of another side has its training pictures resized and the rest as it is", () => {
  const dataset: TrainingData = {
    name: "noise",
    labels: ["a", "b"],
    imageShape: [12, 12, 3],
    mean: [0.5, 0.5, 0.5],
    std: [1, 1, 1],
    train: {
      count: 2,
      images: Uint8Array.from(randomArray([2, 12, 12, 3], 1), (value) => 127 * value + 128),
      labels: Uint8Array.of(0, 1),
    },
  };
  const small = withSide(dataset, 8);
  assert.deepEqual(small.imageShape, [8, 8, 3]);
  assert.deepEqual(small.train.images, resized(dataset.train.images, [12, 12], 8));
  assert.deepEqual({ ...small, imageShape: dataset.imageShape, train: dataset.train }, dataset);
  assert.equal(withSide(dataset, 12), dataset);
});

Deno.test("amounts in pixels shrink with the side, others stay", () => {
  const steps = stepsAtSide(parseAugmentations("flip,reflect-crop:4,cutout:15,rotate:20"), 16, 32);
  assert.deepEqual(steps, parseAugmentations("flip,reflect-crop:2,cutout:8,rotate:20"));
  assert.deepEqual(stepsAtSide(parseAugmentations("pad-crop:0"), 16, 32), parseAugmentations("pad-crop:0"));
});
