import assert from "#assert";
import type { Dataset, Split } from "../../../data/dataset.ts";
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
  const { training, validation, description } = trainingSplits(dataset, { validation: "0.2" });
  const expected = heldOut(dataset, { share: 0.2 });
  assert.deepEqual([training.train, validation], [expected.train, expected.validation]);
  assert.deepEqual(Object.keys(training).toSorted(), ["imageShape", "labels", "mean", "name", "std", "train"]);
  assert.match(description, /^validation on \d+ images held out of the training split .*; \d+ are trained on$/);
});

Deno.test("a number of pictures is held out exactly", () => {
  const { training, validation } = trainingSplits(dataset, { validation: "41" });
  assert.deepEqual([training.train.count, validation!.count], [159, 41]);
});

Deno.test("a data set's own validation split takes the place of a share or a number", () => {
  const own = pictures(30, 3);
  for (const choice of ["0.2", "41"]) {
    const { training, validation } = trainingSplits({ ...dataset, validation: own }, { validation: choice });
    assert.equal(training.train, dataset.train);
    assert.equal(validation, own);
  }
});

for (const own of [undefined, pictures(30, 3)]) {
  const data = { ...dataset, ...(own && { validation: own }) };
  const name = own ? "with its own validation split" : "without one";

  Deno.test(`test and none train on all training pictures of a data set ${name}`, () => {
    const test = trainingSplits(data, { validation: "test" }), none = trainingSplits(data, { validation: "none" });
    assert.deepEqual([test.training.train, test.validation], [dataset.train, dataset.test]);
    assert.deepEqual([none.training.train, none.validation], [dataset.train, undefined]);
  });
}

Deno.test("more pictures than there are cannot be held out", () => {
  assert.throws(
    () => trainingSplits(dataset, { validation: "200" }),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "--validation: 200 pictures cannot be held out of 200; --validation none trains on every picture",
  );
});
