import assert from "#assert";
import { classWarnings, listingWarnings } from "../../../data/image_folder/warnings.ts";

const file = (path: string, label: number, digest: string) => ({ path, label, digest });

Deno.test("copies in training and test, copies in two classes and names that differ in case are warned of", () => {
  const train = [file("train/a/1", 0, "x"), file("train/a/2", 0, "y"), file("train/A/3", 1, "y")];
  const test = [file("test/a/4", 0, "x"), file("test/a/5", 0, "z")];
  assert.deepEqual(listingWarnings(["a", "A"], train, test), [
    "copies of training pictures are in the test split (1), so the measured accuracy is too high: test/a/4",
    "copies of a picture are in several classes (1): train/a/2 = train/A/3",
    "the names of classes a and A differ only in case",
  ]);
  assert.deepEqual(listingWarnings(["a", "b"], train.slice(0, 2), test.slice(1)), []);
});

Deno.test("classes with one training picture or without test pictures are warned of", () => {
  assert.deepEqual(classWarnings(["a", "b", "c"], Uint8Array.of(0, 0, 1, 2, 2), Uint8Array.of(0, 1)), [
    "classes with one training picture cannot be learned well: b",
    "classes without test pictures do not count in the accuracy: c",
  ]);
  assert.deepEqual(classWarnings(["a"], Uint8Array.of(0, 0), Uint8Array.of(0)), []);
});
