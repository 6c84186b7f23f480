import assert from "#assert";
import type { Split } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { parseTrainingPictures, trainingPart } from "../../data/training_pictures.ts";
import { heldOut, type HoldOut } from "../../data/validation_split.ts";
import { imageShape, joined, noisePictures, ofClass, SIZE, texts } from "../support/noise_pictures.ts";

const labels = ["a", "b", "c"];

/** Pictures of noise; of ten, seven are of the first class, two of the second and one of the third. */
const pictures = (count: number, seed = 1, labelOf = (at: number) => at % 10 < 7 ? 0 : at % 10 < 9 ? 1 : 2): Split =>
  noisePictures(count, seed, labelOf);

const partOf = (train: Split, choice: HoldOut, held?: Split) =>
  trainingPart({ imageShape, labels, train }, held, choice);

Deno.test("a count is exact, in proportion to the classes' sizes, and in the order of the split", () => {
  const train = pictures(1000), part = partOf(train, { count: 100 }), chosen = new Set(texts(part));
  assert.deepEqual([0, 1, 2].map((label) => ofClass(part, label)), [70, 20, 10]);
  assert.deepEqual(texts(part), texts(train).filter((text) => chosen.has(text)));
});

Deno.test("a smaller count is a part of each larger one", () => {
  const train = pictures(80);
  let before: string[] = [];
  for (let count = 10; count <= 80; count += 1 + count % 3) {
    const now = texts(partOf(train, { count })), set = new Set(now);
    assert.equal(now.length, count);
    assert.ok(before.every((text) => set.has(text)), `${count}`);
    before = now;
  }
});

Deno.test("a share of each class is taken, as nearly as chance gives it, and a smaller one is a part of a larger one", () => {
  const train = pictures(2000),
    part = partOf(train, { share: 0.2 }),
    larger = new Set(texts(partOf(train, { share: 0.4 })));
  for (const [label, of] of [1400, 400, 200].entries()) {
    // Five standard deviations of a binomial.
    assert.ok(Math.abs(ofClass(part, label) - 0.2 * of) < 5 * Math.sqrt(of * 0.2 * 0.8));
  }
  assert.ok(texts(part).every((text) => larger.has(text)));
});

Deno.test("the order of the pictures changes nothing, and a share of others neither", () => {
  const train = pictures(300), more = pictures(200, 2);
  const reordered = joined(pictures(0), train);
  const turned: Split = {
    ...reordered,
    images: Uint8Array.from(
      { length: 300 * SIZE },
      (_, at) => train.images[(299 - Math.floor(at / SIZE)) * SIZE + at % SIZE]!,
    ),
    labels: train.labels.toReversed(),
  };
  assert.deepEqual(texts(partOf(turned, { count: 41 })).toSorted(), texts(partOf(train, { count: 41 })).toSorted());
  const grown = new Set(texts(partOf(joined(more, train), { share: 0.3 })));
  const before = new Set(texts(partOf(train, { share: 0.3 })));
  for (const text of texts(train)) assert.equal(grown.has(text), before.has(text));
});

Deno.test("a part has no held out picture, and is the same without a validation where they do not meet", () => {
  const train = pictures(1000);
  for (const choice of [{ share: 0.1 }, { count: 100 }]) {
    const { validation } = heldOut({ imageShape, train }, choice);
    const held = new Set(texts(validation));
    for (const part of [{ count: 200 }, { share: 0.2 }]) {
      const chosen = texts(partOf(train, part, validation));
      assert.ok(chosen.every((text) => !held.has(text)));
      assert.deepEqual(chosen, texts(partOf(train, part)));
    }
    // All that are left.
    const rest = { count: 1000 - validation.count };
    assert.deepEqual(texts(partOf(train, rest, validation)), texts(train).filter((text) => !held.has(text)));
  }
});

Deno.test("refused: more pictures than can be trained on, a share that meets the held out pictures, a class without any", () => {
  const train = pictures(100), { validation } = heldOut({ imageShape, train }, { count: 30 });
  const refused = (choice: HoldOut, held: Split | undefined, message: RegExp) =>
    assert.throws(
      () => partOf(train, choice, held),
      (error) => error instanceof InputError && message.test(error.message),
    );
  refused({ count: 101 }, undefined, /^101 pictures are more than the 100 that can be trained on; name fewer, or all$/);
  refused({ count: 71 }, validation, /^71 pictures are more than the 70 that can be trained on;/);
  refused({ share: 0.9 }, validation, /^\d+ of these pictures are held out for validation; name a smaller share$/);
  refused({ count: 2 }, undefined, /^of 2 pictures, none is of the class b; name more$/);
});

Deno.test("all, a share or a count; anything else is refused", () => {
  assert.deepEqual(["all", "0.1", "5000"].map(parseTrainingPictures), ["all", { share: 0.1 }, { count: 5000 }]);
  for (const text of ["", "0", "-1", "1.5", "none"]) assert.throws(() => parseTrainingPictures(text), InputError);
});
