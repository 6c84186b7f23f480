/**
 * Names and numbers that a configuration chooses a network by. They stand apart from the layers, so that reading a
 * configuration loads no tensor library.
 *
 * @module
 */

export const architectureNames = ["resnet", "resnext"] as const;
export type ArchitectureName = typeof architectureNames[number];

/** Factors by which a stem divides height and width. */
export const reductions = [1, 2, 4] as const;
export type Reduction = typeof reductions[number];

/** Share of a moving statistic that a step keeps by default. */
export const STATISTICS_MOMENTUM = 0.9;

/** Filters of the stem of the paper's network for CIFAR-10. */
export const STEM_FILTERS = 16;
