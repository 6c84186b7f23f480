import assert from "#assert";
import { withAnySize } from "../../export/any_size.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { describeModel } from "../../export/model_file.ts";
import { withPixelValues } from "../../export/pixel_values.ts";
import { inputForms, precisions, type SizedForm, sizedForm, sizedForms } from "../../export/variants.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { exportedFile, labels } from "../support/exported_file.ts";
import { imageShape, modelIn, someImages } from "../support/export_reference.ts";

await useCpu();

/** Half floats of a normalised byte are not those of the normalisation in half floats. */
const tolerance = { float32: 1e-5, fp16: 5e-3, int8: 1e-5 } as const;

for (const precision of precisions) {
  for (const input of sizedForms) {
    Deno.test(`${precision} of ${input} takes pixel_values and computes the same`, async () => {
      const model = await modelIn(precision, { input });
      const images = someImages(32, 4);
      const logits = async (bytes: Uint8Array, input: SizedForm) => {
        await using exported = await ExportedModel.load(bytes, { input, imageShape, threads: 1 });
        assert.equal(exported.session.inputNames.length, 1);
        return { name: exported.session.inputNames[0], logits: await exported.logits(images) };
      };
      const before = await logits(model, input);
      const after = await logits(withPixelValues(model, imageShape, precision), "float32-nchw");
      assert.deepEqual([before.name, after.name], ["image", "pixel_values"]);
      after.logits.forEach((logit, at) => assert.ok(Math.abs(logit - before.logits[at]!) <= tolerance[precision]));
    });
  }
}

for (const precision of precisions) {
  Deno.test(`${precision} explains pixel_values as it explains what the model took before, whatever that was`, async () => {
    for (const input of inputForms) {
      const own = sizedForm(input), images = someImages(32, 2);
      const explained = async (bytes: Uint8Array, input: SizedForm) => {
        await using exported = await ExportedModel.load(bytes, { input, imageShape, threads: 1 });
        return (await exported.explanations(images)).flatMap(({ values }) => [...values]);
      };
      const model = await modelIn(precision, { input: own, explain: true });
      const expected = await explained(model, own), largest = Math.max(...expected);
      assert.ok(largest > 0);
      const given = input === "uint8-any" ? withAnySize(model, imageShape[0], "crop") : model;
      const found = await explained(withPixelValues(given, imageShape, precision), "float32-nchw");
      assertClose(found, expected, 2 * tolerance[precision] * largest, input);
    }
  });
}

Deno.test("a model of pixel_values describes itself, and its digest holds", () => {
  const { input, labels: named, imageShape } = describeModel(
    withPixelValues(exportedFile("uint8-nhwc", 8), [8, 8, 3], "float32"),
  );
  assert.deepEqual({ input, named, imageShape }, { input: "float32-nchw", named: labels, imageShape: [8, 8, 3] });
});
