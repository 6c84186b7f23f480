/**
 * The schema of the calibration in `evaluation.json`.
 *
 * @module
 */
import { z } from "zod";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** Images whose greatest probability lies in a range. */
const CalibrationBin = z.object({
  /** The range: above `from`, at most `to`. */
  from: share,
  to: share,
  images: count,
  /** Mean of the greatest probability; 0 where there are no images. */
  confidence: z.number(),
  /** Share that is right; 0 where there are no images. */
  accuracy: share,
});

export const Calibration = z.object({
  /** Mean over the images of |accuracy - confidence| of their bin (Guo, Pleiss, Sun & Weinberger 2017, equation 3). */
  expectedCalibrationError: z.number(),
  bins: z.array(CalibrationBin).min(1),
});

const Measured = z.object({
  /** Mean cross-entropy. */
  loss: z.number(),
  calibration: Calibration,
});

/** The answers at or above a threshold of confidence. */
const Covered = z.object({
  /** The wanted share of right answers. */
  wanted: share,
  /** Fitted for the wanted share; null if no threshold reaches it on the images that fit. */
  threshold: share.nullable(),
  /** Share of the measured images with an answer. */
  coverage: share.optional(),
  /** Share of these answers that are right; null without answers. */
  precision: share.nullable().optional(),
});

export const Calibrated = z.object({
  /** The logits are divided by it before the soft-max. */
  temperature: z.number().gt(0),
  /** The images that fit temperature and thresholds: the validation split, or half of the test split. */
  fittedOn: z.enum(["validation", "half of test"]),
  fittedImages: count,
  /** The test images that `before`, `after` and `coverage` are measured on; none of them fitted. */
  images: count,
  before: Measured,
  after: Measured,
  /** The value of `--wanted-precision`. */
  wantedPrecision: share,
  /** Answers of a lower probability are unsure; null if no threshold reaches the wanted precision. */
  unsureBelow: share.nullable(),
  coverage: z.array(Covered),
});

export type CalibrationBin = z.output<typeof CalibrationBin>;
export type Calibration = z.output<typeof Calibration>;
export type Calibrated = z.output<typeof Calibrated>;
