import assert from "#assert";
import sharp from "sharp";
import { decodeImages, fits } from "../../data/decode_images.ts";
import { resizeModel } from "../../export/resize_graph.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { runOnnx } from "../support/run_onnx.ts";

const SIZE = 16;

/** Smooth colours with grain, bytes [height, width, 3]. */
function picture(width: number, height: number): Uint8Array {
  const next = uniformNumbers(width + height);
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const channel = at % 3, x = Math.floor(at / 3) % width, y = Math.floor(at / 3 / width);
    const wave = 127 + 100 * Math.sin(x / 7 + channel) * Math.cos(y / 5);
    return Math.min(255, Math.max(0, wave + 40 * (next() - 0.5)));
  });
}

/** Widths and heights: smaller, larger by parts, by whole factors and by many, long, and of one pixel. */
const shapes = [[16, 16], [17, 16], [30, 23], [32, 32], [63, 64], [75, 75], [150, 2], [1, 90], [1, 1], [10, 10], [
  15,
  20,
], [
  320,
  241,
]] as const;

for (const fit of fits) {
  Deno.test(`pictures of any size become those of libvips within rounding, ${fit}`, async () => {
    const model = resizeModel(13, SIZE, fit);
    for (const [width, height] of shapes) {
      const data = picture(width, height);
      const { pixels } = await runOnnx(model, { image: { shape: [1, height, width, 3], data } });
      assert.deepEqual(pixels!.shape, [1, SIZE, SIZE, 3]);
      const file = await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
      const { images } = await decodeImages([{ path: "", label: 0 }], {
        ...{ size: SIZE, fit, fetched: new Map([["", file]]) },
        onUnreadable: (_, why) => assert.fail(why),
      });
      const differences = images.map((byte, at) => Math.abs(byte - (pixels!.data[at] as number)));
      const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
      const isSame = width === SIZE && height === SIZE;
      assert.ok(Math.max(...differences) <= (isSame ? 0 : 4), `${width}x${height}: ${Math.max(...differences)}`);
      assert.ok(mean <= 0.6, `${width}x${height}: mean ${mean}`);
    }
  });
}

Deno.test("pictures of a batch are resized each as alone", async () => {
  const model = resizeModel(17, SIZE, "crop"), [height, width] = [40, 50];
  const both = Uint8Array.from([...picture(width, height), ...picture(width, height).toReversed()]);
  const { pixels: together } = await runOnnx(model, { image: { shape: [2, height, width, 3], data: both } });
  const alone = await Promise.all([0, 1].map(async (at) => {
    const data = both.slice(at * both.length / 2, (at + 1) * both.length / 2);
    return (await runOnnx(model, { image: { shape: [1, height, width, 3], data } })).pixels!;
  }));
  assert.deepEqual([...together!.data], alone.flatMap(({ data }) => [...data]));
});
