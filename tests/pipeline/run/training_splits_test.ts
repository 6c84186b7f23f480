import assert from "#assert";
import type { Dataset, Split } from "../../../data/dataset.ts";
import { trainingPart } from "../../../data/training_pictures.ts";
import { heldOut } from "../../../data/validation_split.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { trainingSplits } from "../../../pipeline/run/training_splits.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

const SIZE = 12;

/** Pictures of noise of four classes in turn. */
function pictures(count: number, seed: number): Split {
  const next = uniformNumbers(seed);
  const images = Uint8Array.from({ length: count * SIZE }, () => 256 * next());
  return { count, images, labels: Uint8Array.from({ length: count }, (_, at) => at % 4) };
}

const dataset: Dataset = {
  ...{ name: "noise", labels: ["a", "b", "c", "d"], imageShape: [2, 2, 3], mean: [0, 0, 0], std: [1, 1, 1] },
  ...{ train: pictures(200, 1), test: pictures(40, 2) },
};

Deno.test("a share is held out of the training split, and training sees neither it nor the test split", () => {
  const { training, validation, description } = trainingSplits(dataset, { validation: "0.2", trainingPictures: "all" });
  const expected = heldOut(dataset, { share: 0.2 });
  assert.deepEqual([training.train, validation], [expected.train, expected.validation]);
  assert.deepEqual(Object.keys(training).toSorted(), ["imageShape", "labels", "mean", "name", "std", "train"]);
  assert.match(description, /^validation on \d+ images held out of the training split .*; \d+ are trained on$/);
});

Deno.test("a number of pictures is held out exactly", () => {
  const { training, validation } = trainingSplits(dataset, { validation: "41", trainingPictures: "all" });
  assert.deepEqual([training.train.count, validation!.count], [159, 41]);
});

Deno.test("a data set's own validation split takes the place of a share or a number", () => {
  const own = pictures(30, 3);
  for (const choice of ["0.2", "41"]) {
    const { training, validation } = trainingSplits({ ...dataset, validation: own }, {
      validation: choice,
      trainingPictures: "all",
    });
    assert.equal(training.train, dataset.train);
    assert.equal(validation, own);
  }
});

for (const own of [undefined, pictures(30, 3)]) {
  const data = { ...dataset, ...(own && { validation: own }) };
  const name = own ? "with its own validation split" : "without one";

  Deno.test(`test and none train on all training pictures of a data set ${name}`, () => {
    const test = trainingSplits(data, { validation: "test", trainingPictures: "all" }),
      none = trainingSplits(data, { validation: "none", trainingPictures: "all" });
    assert.deepEqual([test.training.train, test.validation], [dataset.train, dataset.test]);
    assert.deepEqual([none.training.train, none.validation], [dataset.train, undefined]);
  });
}

Deno.test("more pictures than there are cannot be held out", () => {
  assert.throws(
    () => trainingSplits(dataset, { validation: "200", trainingPictures: "all" }),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "--validation: 200 pictures cannot be held out of 200; --validation none trains on every picture",
  );
});

Deno.test("a part of the training pictures is apart from the held out ones, and statistics stay those of the data", () => {
  const { training, validation, part, description } = trainingSplits(dataset, {
    validation: "41",
    trainingPictures: "80",
  });
  assert.deepEqual([training.train.count, validation!.count, training.mean], [80, 41, dataset.mean]);
  assert.deepEqual(training.train, trainingPart(dataset, validation, { count: 80 }));
  assert.equal(part, "80 of 200 training pictures");
  assert.equal(description, "validation on 41 images held out of the training split (--validation 41)");
});

Deno.test("the test pictures and the data's own validation split take nothing from the part", () => {
  const expected = trainingPart(dataset, undefined, { count: 200 }), own = { ...dataset, validation: pictures(30, 3) };
  for (const [data, validation] of [[dataset, "test"], [own, "0.2"], [dataset, "none"]] as const) {
    assert.deepEqual(trainingSplits(data, { validation, trainingPictures: "200" }).training.train, expected);
  }
});

Deno.test("more training pictures than there are cannot be used", () => {
  assert.throws(
    () => trainingSplits(dataset, { validation: "none", trainingPictures: "201" }),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "--training-pictures: 201 pictures are more than the 200 that can be trained on; name fewer, or all",
  );
});
