/**
 * Test images as a camera would give them: larger, in another shape, with grain, as PNG and JPEG by turns.
 *
 * @module
 */
import { pixelsOf } from "../../../data/batches.ts";
import type { Dataset, Split } from "../../../data/dataset.ts";
import { stream } from "../../../data/random.ts";

/** Least and greatest factor of a side. */
const LEAST_TIMES = 0.5, MOST_TIMES = 12;
/** Standard deviation of the grain, in levels of 255. */
const GRAIN = 6;
const JPEG_QUALITY = 92;

export interface EnlargedPicture {
  readonly kind: "png" | "jpeg";
  /** The bytes of its file. */
  readonly bytes: Uint8Array;
}

/** Enlarges the images of a split; the same images give the same pictures. */
export async function* enlargedPictures(dataset: Dataset, split: Split): AsyncGenerator<EnlargedPicture> {
  const { default: sharp } = await import("sharp");
  const [height, width] = dataset.imageShape, channels = 3;
  for (let at = 0; at < split.count; at++) {
    const { uniform, normal } = stream(0, "inspection", at);
    const side = (own: number) => Math.round(own * (LEAST_TIMES + (MOST_TIMES - LEAST_TIMES) * uniform()));
    const size = { width: side(width), height: side(height) };
    const small = sharp(pixelsOf(dataset, split, at), { raw: { width, height, channels } });
    const large = await small.resize({ ...size, fit: "fill" }).raw().toBuffer();
    const grained = Uint8Array.from(large, (byte) => Math.min(255, Math.max(0, Math.round(byte + GRAIN * normal()))));
    const picture = sharp(grained, { raw: { ...size, channels } });
    const kind = at % 2 === 0 ? "png" : "jpeg";
    yield { kind, bytes: await (kind === "png" ? picture.png() : picture.jpeg({ quality: JPEG_QUALITY })).toBuffer() };
  }
}
