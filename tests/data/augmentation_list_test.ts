import assert from "#assert";
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { InputError } from "../../data/files/input_error.ts";

Deno.test("a list is read with its amounts, or by its name", () => {
  assert.deepEqual(parseAugmentations("standard"), [{ name: "flip", amount: 0.5 }, { name: "pad-crop", amount: 4 }]);
  assert.deepEqual(parseAugmentations("none"), []);
  assert.deepEqual(parseAugmentations("standard,cutout:16"), parseAugmentations("flip,pad-crop:4,cutout:16"));
  assert.deepEqual(parseAugmentations(" cutout:16, rotate90 "), [
    { name: "cutout", amount: 16 },
    { name: "rotate90", amount: 0 },
  ]);
});

const refused: Record<string, RegExp> = {
  "spin": /"spin" is no augmentation; there are flip, /,
  "flip:2": /flip: "2" is not a number from 0 to 1/,
  "flip:": /flip: "" is not a number from 0 to 1/,
  "pad-crop:1.5": /pad-crop: "1.5" is not a whole number from 0 to 512/,
  "rotate90:2": /rotate90 takes no amount, so not "2"/,
  "cutout:8:8": /"cutout:8:8" is no augmentation/,
};

for (const [list, says] of Object.entries(refused)) {
  Deno.test(`refused: ${list}`, () => {
    assert.throws(() => parseAugmentations(list), (error) => error instanceof InputError && says.test(error.message));
  });
}
