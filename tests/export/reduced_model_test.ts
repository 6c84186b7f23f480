import { ExportedModel } from "../../export/exported_model.ts";
import { sizedForms } from "../../export/variants.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { imageShape, modelIn, net, reference } from "../support/export_reference.ts";

await useCpu();

for (const precision of ["fp16", "int8"] as const) {
  Deno.test(`a model of ${precision} gives nearly the logits of float32, whatever it takes`, async () => {
    const images = reference(net, 32, 2);
    for (const input of sizedForms) {
      const model = await modelIn(precision, { input });
      await using smaller = await ExportedModel.load(model, { input, imageShape, threads: 1 });
      const spread = Math.max(...images.logits) - Math.min(...images.logits);
      assertClose(await smaller.logits(images), images.logits, (precision === "fp16" ? 0.005 : 0.05) * spread);
    }
  });
}
