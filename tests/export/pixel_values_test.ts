import assert from "#assert";
import { ExportedModel } from "../../export/exported_model.ts";
import { describeModel } from "../../export/model_file.ts";
import { inferenceModel } from "../../export/inference_model.ts";
import { withPixelValues } from "../../export/pixel_values.ts";
import { precisions, sizedForms } from "../../export/variants.ts";
import { useCpu } from "../support/eager.ts";
import { exportedFile, labels } from "../support/exported_file.ts";
import { imageShape, net, options, reduced, someImages, state } from "../support/export_reference.ts";

await useCpu();

/** Half floats of a normalised byte are not those of the normalisation in half floats. */
const tolerance = { float32: 1e-5, fp16: 5e-3, int8: 1e-5 } as const;

for (const precision of precisions) {
  for (const input of sizedForms) {
    Deno.test(`${precision} of ${input} takes pixel_values and computes the same`, async () => {
      const model = precision === "float32"
        ? inferenceModel(net, state, { ...options, input })
        : await reduced(precision, { input });
      const images = someImages(32, 4);
      const logits = async (bytes: Uint8Array, input: typeof sizedForms[number]) => {
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

Deno.test("a model of pixel_values describes itself, and its digest holds", () => {
  const { input, labels: named, imageShape } = describeModel(
    withPixelValues(exportedFile("uint8-nhwc", 8), [8, 8, 3], "float32"),
  );
  assert.deepEqual({ input, named, imageShape }, { input: "float32-nchw", named: labels, imageShape: [8, 8, 3] });
});
