import assert from "#assert";
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { labelWarnings } from "../../data/label_warnings.ts";

Deno.test("steps that turn or mirror digits, letters and directions are reported", () => {
  const warnings = (list: string, labels: string[]) => labelWarnings(parseAugmentations(list), labels);
  const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  assert.deepEqual(warnings("standard", digits), [
    'augmentation flip can change what the labels "0", "1", "2", ... mean',
  ]);
  assert.equal(warnings("rotate:90,flip-vertical", ["turn_left", "turn_right"]).length, 2);
  assert.deepEqual(warnings("rotate:15,pad-crop,cutout,flip:0", digits), []);
  assert.deepEqual(warnings("standard,rotate90", ["cat", "dog", "airplane"]), []);
});
