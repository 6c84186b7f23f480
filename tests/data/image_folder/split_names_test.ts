import assert from "#assert";
import { splitOf } from "../../../data/image_folder/split_names.ts";

const names = {
  train: ["train", "Train", "TRAINING", "training_set", "Training Set", "train-images", "trn", "train_data"],
  validation: ["val", "VAL", "valid", "Validation", "validation-split", "dev", "devset", "eval", "evaluation"],
  test: ["test", "Tests", "testing", "TST", "test_set", "Test Images"],
};

for (const [split, spellings] of Object.entries(names)) {
  Deno.test(`folders of the ${split} split: ${spellings.join(", ")}`, () => {
    for (const name of spellings) assert.equal(splitOf(name), split, name);
  });
}

Deno.test("names that only begin like a split, and plain endings, are of no split", () => {
  for (const name of ["trains", "trainer", "set", "data", "images", "valley", "device", "testimony", "contest", ""]) {
    assert.equal(splitOf(name), undefined, name);
  }
});
