import assert from "#assert";
import {
  blurred,
  cutOut,
  enlarged,
  mirrored,
  moved,
  type Picture,
  rotated,
  turned,
  upsideDown,
} from "../../data/picture.ts";
import { assertClose } from "../support/assert_close.ts";

/** Returns a picture of 2 x 3 grey pixels, numbered row by row in hundredths. */
const numbered: Picture = {
  height: 2,
  width: 3,
  pixels: Float32Array.from({ length: 18 }, (_, at) => Math.floor(at / 3) / 100),
};
/** Returns the red channel in hundredths, row by row. */
const rows = ({ width, pixels }: Picture): number[][] => {
  const red = Array.from(pixels.filter((_, at) => at % 3 === 0), (value) => Math.round(100 * value));
  return Array.from({ length: red.length / width }, (_, row) => red.slice(row * width, (row + 1) * width));
};

Deno.test("mirroring, turning and moving rearrange whole pixels", () => {
  assert.deepEqual(rows(mirrored(numbered)), [[2, 1, 0], [5, 4, 3]]);
  assert.deepEqual(rows(upsideDown(numbered)), [[3, 4, 5], [0, 1, 2]]);
  assert.deepEqual(rows(turned(numbered, 1)), [[2, 5], [1, 4], [0, 3]]);
  assert.deepEqual(rows(turned(numbered, 2)), [[5, 4, 3], [2, 1, 0]]);
  assert.deepEqual(rows(turned(numbered, 3)), [[3, 0], [4, 1], [5, 2]]);
  assert.deepEqual(rows(moved(numbered, 1, -1, [0.09, 0.09, 0.09])), [[9, 3, 4], [9, 9, 9]]);
});

Deno.test("a rotation by half a turn is two turns by a right angle, and the whole enlarged is the picture", () => {
  assertClose(rotated(numbered, Math.PI, [0, 0, 0]).pixels, turned(numbered, 2).pixels, 1e-6);
  assertClose(enlarged(numbered, { top: 0, left: 0, height: 2, width: 3 }).pixels, numbered.pixels, 1e-6);
});

Deno.test("a blurred impulse is the Gaussian, whose weights sum to 1", () => {
  const size = 13, middle = 6, sigma = 1.5;
  const pixels = new Float32Array(size * size * 3);
  pixels.fill(1, 3 * (middle * size + middle), 3 * (middle * size + middle) + 3);
  const { pixels: smooth } = blurred({ height: size, width: size, pixels }, sigma);
  const red = smooth.filter((_, at) => at % 3 === 0);
  assertClose([red.reduce((a, b) => a + b)], [1], 1e-5);
  const at = (y: number, x: number) => red[(middle + y) * size + middle + x]!;
  assertClose([at(1, 2) / at(0, 0)], [Math.exp(-(1 + 4) / (2 * sigma ** 2))], 1e-5);
});

Deno.test("a cutout is a square about its middle, as far as it lies inside", () => {
  assert.deepEqual(rows(cutOut(numbered, 2, [0, 2], [0.09, 0.09, 0.09])), [[0, 9, 9], [3, 4, 5]]);
});
