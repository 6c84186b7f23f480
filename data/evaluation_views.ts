/**
 * Test-time augmentation: the views of an image whose predictions are averaged.
 *
 * @module
 */
import { type View, WHOLE } from "./view.ts";

export const viewsNames = ["none", "flip", "5-crop", "10-crop"] as const;
export type ViewsName = typeof viewsNames[number];

/** Pixels that crops are moved by: a size of 32 in an image padded to 40, for images of 32 (Krizhevsky et al. 2012). */
const SHARE = 1 / 8;

/**
 * The views of images of a size: the image itself; with its mirror image; the middle and the four corners of the padded
 * image; those and their mirror images.
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
