/**
 * Joins blocked images each of which has every n-th row, or column, of an image.
 *
 * @module
 */
import type { Scope } from "../lowering.ts";
import type { Name } from "../../file/model_builder.ts";
import type { Shape4D } from "./geometry.ts";
import { concatenate } from "../movement.ts";

/** @param shape of each of the images: [batch, channels, height, width] */
export function interleaveRows(scope: Scope, images: readonly Name[], shape: Shape4D): Name {
  const [batch, channels, height, width] = shape, block = scope.block!;
  const rows = [batch, channels / block, height, 1, width * block];
  const joined = concatenate(scope, images.map((image) => scope.reshape(image, rows)), 3);
  return scope.reshape(joined, [batch, channels, height * images.length, width]);
}

/** @param shape of each of the images: [batch, channels, height, width] */
export function interleaveColumns(scope: Scope, images: readonly Name[], shape: Shape4D): Name {
  const [batch, channels, height, width] = shape, block = scope.block!;
  const columns = [batch, channels / block, height, width, 1, block];
  const joined = concatenate(scope, images.map((image) => scope.reshape(image, columns)), 4);
  return scope.reshape(joined, [batch, channels, height, width * images.length]);
}
