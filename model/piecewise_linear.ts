/**
 * Functions that are straight between given points.
 *
 * @module
 */

/** x and y; the points of a function are in the order of x. */
export type Point = readonly [x: number, y: number];

/** The value at x; before the first and after the last point it is theirs. */
export function piecewiseLinear(points: readonly Point[], x: number): number {
  const next = points.findIndex(([end]) => x < end);
  if (next === -1) return points.at(-1)![1];
  const [endX, endY] = points[next]!;
  if (next === 0) return endY;
  const [beginX, beginY] = points[next - 1]!;
  return beginY + (endY - beginY) * (x - beginX) / (endX - beginX);
}
