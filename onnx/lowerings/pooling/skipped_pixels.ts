/**
 * The pixels that a maximum skips, for exact special values. TensorFlow.js starts a window's maximum at -Infinity and takes a
 * pixel that is larger, so it skips NaN. The values and the places of a window whose pixels are all skipped are set apart.
 *
 * @module
 */
import { elementType, type Name } from "../../file/encode.ts";
import type { ModelBuilder } from "../../file/model_builder.ts";

/**
 * Stands for a skipped pixel: the second lowest float32. onnxruntime starts a maximum at the lowest one, and finds no place
 * where no pixel is larger.
 */
export const SKIPPED = 2 ** 105 - 2 ** 128;

/** Stands for -Infinity where it counts: above {@linkcode SKIPPED}. */
const LOWEST = 2 ** 106 - 2 ** 128;

/** The mark of padding. onnxruntime fuses padding by 0 into a pooling, and refuses it there if it is as large as the window. */
export const UNMARKED = -1;

/** An image whose skipped pixels are replaced. */
export interface CountedPixels {
  readonly numbers: Name;
  /** 1 for a pixel that counts, 0 for a skipped one, as float32. */
  readonly marks: Name;
}

/** Skips NaN and -Infinity: those that are not larger than -Infinity. */
export function skipNotLarger(builder: ModelBuilder, image: Name): CountedPixels {
  const counts = builder.node("Greater", [image, builder.scalar(-Infinity)]);
  return { numbers: builder.node("Where", [counts, image, builder.scalar(SKIPPED)]), marks: toFloat(builder, counts) };
}

/** Skips NaN only, as the gradient in three dimensions does: it takes a pixel that is as large as the largest so far. */
export function skipNaN(builder: ModelBuilder, image: Name): CountedPixels {
  const isSkipped = builder.node("IsNaN", [image]);
  const finite = builder.node("Max", [image, builder.scalar(LOWEST)]);
  return {
    numbers: builder.node("Where", [isSkipped, builder.scalar(SKIPPED), finite]),
    marks: toFloat(builder, builder.node("Not", [isSkipped])),
  };
}

const toFloat = (builder: ModelBuilder, flags: Name): Name =>
  builder.node("Cast", [flags], { to: elementType.float32 });
