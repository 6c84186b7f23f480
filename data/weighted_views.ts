/**
 * Views of a test image whose predictions are averaged with weights: those of `evaluation_views.ts`, each as much as the
 * others, and airbench's six.
 *
 * @module
 */
import { testViews, type ViewsName, viewsNames } from "./evaluation_views.ts";
import { type View, WHOLE } from "./view.ts";

export const weightedViewsNames = [...viewsNames, "shift", "flip-shift"] as const;
export type WeightedViewsName = typeof weightedViewsNames[number];

/** Views and their shares of the prediction, which sum to 1. */
export interface WeightedView {
  readonly view: View;
  readonly share: number;
}

/** Pixels that `shift` moves an image by. */
const SHIFT = 1;

/**
 * The views by name. `shift`: the image with half of the weight, and moved by a pixel to the top left and to the bottom right,
 * mirrored outside, with a quarter each; `flip-shift`: those and their mirror images (Jordan 2024, section 3.4, "multi-crop").
 */
export function weightedViews(name: WeightedViewsName, shape: readonly [number, number, number]): WeightedView[] {
  if (isEven(name)) return testViews(name, shape).map((view, _, { length }) => ({ view, share: 1 / length }));
  const moved = (by: number): View => ({ ...WHOLE, down: by, right: by, border: "reflect" });
  const shifted = [
    { view: WHOLE, share: 1 / 2 },
    { view: moved(-SHIFT), share: 1 / 4 },
    { view: moved(SHIFT), share: 1 / 4 },
  ];
  if (name === "shift") return shifted;
  return [false, true].flatMap((mirrored) =>
    shifted.map(({ view, share }) => ({ view: { ...view, mirrored }, share: share / 2 }))
  );
}

const isEven = (name: WeightedViewsName): name is ViewsName => (viewsNames as readonly string[]).includes(name);
