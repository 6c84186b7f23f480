import assert from "#assert";
import sharp from "sharp";
import { decodeImages } from "../../data/decode_images.ts";
import { withAnySize } from "../../export/any_size.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { precisions } from "../../export/variants.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { imageShape, modelIn, someImages } from "../support/export_reference.ts";

await useCpu();
const SIDE = imageShape[0];
const [width, height] = [75, 50] as const;

for (const precision of precisions) {
  Deno.test(`a ${precision} model of any size classifies as with pictures that are resized before`, async () => {
    const input = "uint8-nhwc";
    const sized = await modelIn(precision, { input });
    await using exported = await ExportedModel.load(withAnySize(sized, SIDE, "crop"), {
      ...{ input: "uint8-any", imageShape, threads: 1 },
    });
    await using before = await ExportedModel.load(sized, { input, imageShape, threads: 1 });
    const images = someImages(SIDE, 3);
    assertClose(await exported.logits(images), await before.logits(images), 1e-5, "logits of the network's size");

    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => 127 + 100 * Math.sin(at / 50));
    const file = await sharp(pixels, { raw: { width, height, channels: 3 } }).png().toBuffer();
    const { images: small } = await decodeImages([{ path: "", label: 0 }], {
      ...{ size: SIDE, fit: "crop", fetched: new Map([["", file]]) },
      onUnreadable: (_, why) => assert.fail(why),
    });
    const found = await exported.probabilitiesOf({ pixels, width, height });
    const expected = await before.probabilities({ count: 1, pixels: small, images: new Float32Array() });
    found.forEach((probability, at) => assert.ok(Math.abs(probability - expected[at]!) < 0.01));
  });
}
