/**
 * The images that a checkpoint was chosen on. The accuracy on those images is likely too high.
 *
 * @module
 */
export const chosenOnNames = ["test", "validation", "none"] as const;
export type ChosenOn = typeof chosenOnNames[number];

/** A sentence for people. */
export const chosenOnText: Readonly<Record<ChosenOn, string>> = {
  test: "The checkpoint was chosen on the test images themselves, so these figures are likely too high.",
  validation: "The checkpoint was chosen on validation images, apart from the test images.",
  none: "The checkpoint was not chosen by its accuracy.",
};
