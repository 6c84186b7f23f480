/**
 * The border that mirrors a picture: outside, pixels repeat in reverse order, and the outermost one is not repeated (as
 * PyTorch's `reflect` padding).
 *
 * @module
 */
import type { Picture } from "./picture.ts";
import { rearranged } from "./picture.ts";

/** The place inside, 0 to `size - 1`, that is seen at a place inside or outside. */
export function reflected(place: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const within = ((place % period) + period) % period;
  return Math.min(within, period - within);
}

/** The picture seen through a window moved by whole pixels; outside it is mirrored. */
export function movedOverReflection(picture: Picture, down: number, right: number): Picture {
  const { height, width } = picture;
  const from = (y: number, x: number) => reflected(y + down, height) * width + reflected(x + right, width);
  return rearranged(picture, [height, width], from, [0, 0, 0]);
}
