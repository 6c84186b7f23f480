import assert from "#assert";
import type { Split } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { heldOut, parseHoldOut } from "../../data/validation_split.ts";
import { imageShape, joined, noisePictures as pictures, ofClass, texts } from "../support/noise_pictures.ts";

for (const holdOut of [{ share: 0.2 }, { count: 203 }]) {
  Deno.test(`held out by ${Object.keys(holdOut)}: every picture is on one side, in its order`, () => {
    const train = pictures(1000);
    const { train: rest, validation } = heldOut({ imageShape, train }, holdOut);
    const held = new Set(texts(validation));
    assert.deepEqual(texts(rest), texts(train).filter((text) => !held.has(text)));
    assert.deepEqual(texts(validation), texts(train).filter((text) => held.has(text)));
  });
}

Deno.test("a share of each class is held out, as nearly as chance gives it", () => {
  const { validation } = heldOut({ imageShape, train: pictures(4000) }, { share: 0.2 });
  for (const label of [0, 1, 2, 3]) {
    // Five standard deviations of a binomial of 1000.
    assert.ok(Math.abs(ofClass(validation, label) - 200) < 5 * Math.sqrt(1000 * 0.2 * 0.8));
  }
});

Deno.test("a count is exact, in proportion to the classes' sizes", () => {
  const train = pictures(1000, 1, (at) => at % 10 < 7 ? 0 : at % 10 < 9 ? 1 : 2);
  const { validation } = heldOut({ imageShape, train }, { count: 101 });
  assert.equal(validation.count, 101);
  assert.deepEqual([0, 1, 2].map((label) => ofClass(validation, label)), [71, 20, 10]);
});

Deno.test("no picture changes sides when others are added, removed or come in another order", () => {
  const train = pictures(500), more = pictures(300, 2);
  const sideOf = (split: Split) => {
    const { validation } = heldOut({ imageShape, train: split }, { share: 0.3 });
    const held = new Set(texts(validation));
    return new Map(texts(split).map((text) => [text, held.has(text)]));
  };
  const before = sideOf(train), after = sideOf(joined(more, train));
  for (const [text, held] of before) assert.equal(after.get(text), held);
});

Deno.test("copies of a picture are on the same side", () => {
  const train = joined(pictures(200), pictures(200));
  for (const holdOut of [{ share: 0.3 }, { count: 75 }]) {
    const { train: rest, validation } = heldOut({ imageShape, train }, holdOut);
    const held = new Set(texts(validation));
    assert.ok(texts(rest).every((text) => !held.has(text)));
  }
});

Deno.test("a class of two pictures has one on each side, a class of one has it in training", () => {
  for (let seed = 0; seed < 20; seed++) {
    const train = pictures(5, seed, (at) => [0, 0, 1, 1, 2][at]!);
    for (const holdOut of [{ share: 0.01 }, { share: 0.99 }, { count: 1 }, { count: 4 }]) {
      const { validation } = heldOut({ imageShape, train }, holdOut);
      assert.deepEqual([...validation.labels], [0, 1]);
    }
  }
});

Deno.test("refused: a count of all pictures, and a training split of one picture", () => {
  assert.throws(() => heldOut({ imageShape, train: pictures(4) }, { count: 4 }), /4 pictures cannot be held out of 4/);
  assert.throws(() => heldOut({ imageShape, train: pictures(1) }, { share: 0.5 }), InputError);
});

Deno.test("a number below 1 is a share, a whole number is a count, anything else is refused", () => {
  assert.deepEqual(parseHoldOut("0.1"), { share: 0.1 });
  assert.deepEqual(parseHoldOut("5000"), { count: 5000 });
  for (const text of ["", "0", "-1", "1.5", "ten"]) assert.throws(() => parseHoldOut(text), InputError);
});
