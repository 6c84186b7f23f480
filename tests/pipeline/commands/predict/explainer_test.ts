import assert from "#assert";
import sharp from "sharp";
import { shakeNet } from "../../../../model/shakenet.ts";
import { ExportedModel } from "../../../../export/exported_model.ts";
import { inferenceModel } from "../../../../export/inference_model.ts";
import { Explainer } from "../../../../pipeline/commands/predict/explainer.ts";
import { useCpu } from "../../../support/eager.ts";
import { options, someImages } from "../../../support/export_reference.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { trainedState } from "../../../support/trained_state.ts";

await useCpu();

Deno.test("every picture has a PNG with its map, named after its number and its file", () =>
  inTemporaryFolder(async (folder) => {
    const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 5 });
    const bytes = inferenceModel(net, trainedState(net), { ...options, explain: true });
    await using model = await ExportedModel.load(bytes, { input: "float32-nchw", imageShape: options.imageShape });
    const explainer = new Explainer(`${folder}/explained`);
    const first = await explainer.explain(model, someImages(32, 2), ["a/cat.png", "b/cat.png"]);
    const second = await explainer.explain(model, someImages(32, 1), ["../a <b>.jpg"]);
    const names = ["0001-cat", "0002-cat", "0003-a-b-"].map((name) => `${folder}/explained/${name}.png`);
    assert.deepEqual([...first, ...second], names);
    const { width, height, format } = await sharp(await Deno.readFile(names[0]!)).metadata();
    assert.deepEqual([width, height, format], [256, 256, "png"]);
  }));
