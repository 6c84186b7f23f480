/**
 * The side at which to train on pictures of a size: larger ones cost time and memory, smaller ones lose what the pictures show.
 *
 * @module
 */

/** Sides to train at. */
export const sides = [32, 64, 128, 224] as const;

/**
 * The greatest of {@linkcode sides} that half of the pictures reach without being enlarged, but for the least.
 *
 * @param shorter median of the shorter sides of the pictures
 */
export const suitedSide = (shorter: number): number => sides.findLast((side) => side <= shorter) ?? sides[0];
