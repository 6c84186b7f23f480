import assert from "#assert";
import { describeModel, withMetadata } from "../../export/model_file.ts";
import { inputForms } from "../../export/variants.ts";
import { useCpu } from "../support/eager.ts";
import { exportedFile, labels, mean, std } from "../support/exported_file.ts";

await useCpu();

for (const input of inputForms) {
  Deno.test(`a file of ${input} describes its classes, images and normalisation`, () => {
    assert.deepEqual(describeModel(exportedFile(input, 8)), {
      ...{ dataset: "test", labels, mean, std, input, imageShape: [8, 8, 3], fit: "crop" },
    });
  });
}

Deno.test("a file whose metadata is changed, and bytes that are no model, are refused", () => {
  assert.throws(
    () => describeModel(withMetadata(exportedFile(), { labels: '["a"]' })),
    /was changed after it was written/,
  );
  assert.throws(() => describeModel(Uint8Array.of(1, 2, 3)));
});
