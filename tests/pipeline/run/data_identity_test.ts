import assert from "#assert";
import {
  dataDifference,
  type DataIdentity,
  identityOf,
  identityText,
  modelDifference,
} from "../../../pipeline/run/data_identity.ts";

const before: DataIdentity = {
  ...{ digest: "1", name: "pictures", labels: ["a", "b", "c"], imageShape: [48, 48, 3] },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  ...{ train: { images: 40, digest: "2" }, test: { images: 8, digest: "3" } },
};

const differences: Record<string, [Partial<DataIdentity>, string]> = {
  "a class of another name": [{ labels: ["b", "c", "z"] }, "its classes are now without a and with z"],
  "many more classes": [{ labels: [..."abcdefghi"] }, "its classes are now with d, e, f and 3 more"],
  "classes in another order": [{ labels: ["b", "a", "c"] }, "its classes are in another order"],
  "class names that are one text when joined": [
    { labels: ["a,b", "c"] },
    "its classes are now without a, b and with a,b",
  ],
  "another size": [{ imageShape: [16, 16, 3] }, "its images are 16 x 16, not 48 x 48"],
  "a picture more": [
    { train: { images: 41, digest: "4" } },
    "it has 41 training and 8 test images, not 40 training and 8 test images",
  ],
  "other pictures": [{ test: { images: 8, digest: "4" } }, "its test images changed"],
  "pictures on the other side": [
    { train: { images: 40, digest: "4" }, test: { images: 8, digest: "5" } },
    "its training and test images changed",
  ],
  "a validation split more": [
    { validation: { images: 5, digest: "6" } },
    "it has 40 training, 5 validation and 8 test images, not 40 training and 8 test images",
  ],
  "other statistics": [{ mean: [0.4, 0.5, 0.5] }, "its mean and deviation changed"],
  "another name": [{ name: "photos" }, "its name is photos, not pictures"],
};

for (const [what, [change, says]] of Object.entries(differences)) {
  Deno.test(`${what}: ${says}`, () => assert.equal(dataDifference(before, { ...before, ...change }), says));
}

Deno.test("a model has no difference from data of its classes, size and statistics, whatever the pictures", () => {
  assert.equal(modelDifference(before, { ...before, train: { images: 1, digest: "9" } } as DataIdentity), undefined);
  assert.match(modelDifference(before, { ...before, imageShape: [8, 8, 3] })!, /8 x 8/);
});

Deno.test("an identity has the digests of both splits' pixels and labels", () => {
  const split = { count: 1, images: new Uint8Array(3), labels: new Uint8Array(1) };
  const dataset = {
    ...{ name: "pictures", labels: ["a", "b"], imageShape: [1, 1, 3] as const },
    ...{ mean: [0, 0, 0] as const, std: [1, 1, 1] as const, train: split, test: split },
  };
  const identity = identityOf({ dataset, digest: "1" });
  // sha256sum of four bytes of 0.
  const zeros = "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119";
  assert.deepEqual([identity.train, identity.test], [{ images: 1, digest: zeros }, { images: 1, digest: zeros }]);
  assert.equal(identityText(identity), "pictures, 2 classes, 1 training and 1 test images of 1 x 1");
});
