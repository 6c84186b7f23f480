/**
 * Joins n blocked images, each of which has every n-th row, or column, of an image.
 *
 * @module
 */
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";
import type { Shape4D } from "./geometry.ts";
import { concatenate } from "../move_elements.ts";

/**
 * Joins images that have every n-th row.
 *
 * @param shape of each of the images: [batch, channels, height, width]
 */
export function interleaveRows(scope: LayoutScope, images: readonly Name[], shape: Shape4D): Name {
  const [batch, channels, height, width] = shape, block = scope.block!;
  const rows = [batch, channels / block, height, 1, width * block];
  const joined = concatenate(scope, images.map((image) => scope.reshape(image, rows)), 3);
  return scope.reshape(joined, [batch, channels, height * images.length, width]);
}

/**
 * Joins images that have every n-th column.
 *
 * @param shape of each of the images: [batch, channels, height, width]
 */
export function interleaveColumns(scope: LayoutScope, images: readonly Name[], shape: Shape4D): Name {
  const [batch, channels, height, width] = shape, block = scope.block!;
  const columns = [batch, channels / block, height, width, 1, block];
  const joined = concatenate(scope, images.map((image) => scope.reshape(image, columns)), 4);
  return scope.reshape(joined, [batch, channels, height, width * images.length]);
}
