/**
 * Test-time augmentation: the views of an image whose predictions are averaged.
 *
 * @module
 */
import { type View, WHOLE } from "./view.ts";

export const viewsNames = ["none", "flip", "5-crop", "10-crop"] as const;
export type ViewsName = typeof viewsNames[number];

/** Shift of a crop, as a share of the image: crops of 32 of an image padded to 40 (Krizhevsky et al. 2012). */
const SHARE = 1 / 8;

/**
 * Returns the views of images of a size. `none`: the image; `flip`: the image and its mirror image; `5-crop`: the middle and
 * the four corners of the padded image; `10-crop`: those and their mirror images.
 */
export function testViews(name: ViewsName, [height, width]: readonly [number, number, number]): View[] {
  const [down, right] = [Math.round(height * SHARE), Math.round(width * SHARE)];
  const crops = [
    WHOLE,
    ...[-down, down].flatMap((down) => [-right, right].map((right) => ({ ...WHOLE, down, right }))),
  ];
  const both = (views: readonly View[]) => [...views, ...views.map((view) => ({ ...view, mirrored: true }))];
  return { "none": [WHOLE], "flip": both([WHOLE]), "5-crop": crops, "10-crop": both(crops) }[name];
}
