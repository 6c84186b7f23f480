/** Pictures to inspect: drawn figures, and changed copies of them. */
import sharp, { type Sharp } from "sharp";
import type { InspectedPicture } from "../../data/inspection/picture.ts";
import { stream } from "../../data/random.ts";
import { drawPicture } from "../../data/shapes.ts";

const SIDE = 32;

/** Draws a figure of the embedded data set. */
export const figure = (at: number, label = at % 10): Uint8Array => drawPicture(label, stream(7, "shapes", 0, at));

/** Height and width of a scene. */
const WHOLE = 128;

/** A picture of 128 x 128 pixels with four figures. */
export async function scene(at: number): Promise<Sharp> {
  const half = WHOLE / 2, raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const parts = [0, 1, 2, 3].map(async (place) => ({
    input: await sharp(figure(4 * at + place), { raw }).resize(half, half).png().toBuffer(),
    ...{ left: place % 2 * half, top: Math.floor(place / 2) * half },
  }));
  const ground = sharp({ create: { width: WHOLE, height: WHOLE, channels: 3, background: "white" } });
  return sharp(await ground.composite(await Promise.all(parts)).png().toBuffer());
}

/** Reduces a picture, saved in any format, to 32 x 32 pixels. */
export async function reduced(picture: Sharp): Promise<Uint8Array> {
  const opened = sharp(await picture.toBuffer()).removeAlpha().toColourspace("srgb").resize(SIDE, SIDE, {
    fit: "fill",
  });
  return new Uint8Array(await opened.raw().toBuffer());
}

/** Reduces some scenes. */
export const scenes = (count: number): Promise<Uint8Array[]> =>
  Promise.all(Array.from({ length: count }, async (_, at) => await reduced(await scene(at))));

/** Describes pixels as a picture of a training split; fields override. */
export const inspected = (pixels: Uint8Array, fields: Partial<InspectedPicture> = {}): InspectedPicture => ({
  ...{ file: undefined, index: 0, split: "train", label: 0, height: SIDE, width: SIDE, pixels },
  digest: String(fields.index ?? 0),
  ...fields,
});
