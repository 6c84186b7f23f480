import assert from "#assert";
import { principalColours } from "../../data/principal_colours.ts";
import { assertClose } from "../support/assert_close.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

Deno.test("colours that lie on a line have one direction, that of the line, and its deviation", () => {
  const next = uniformNumbers(3);
  // The line (1, 2, -2) / 3, at distances uniform in +-90 bytes.
  const distances = Array.from({ length: 20_000 }, () => 180 * next() - 90);
  const images = Uint8Array.from(distances.flatMap((d) => [1, 2, -2].map((part) => Math.round(128 + d * part / 3))));
  const { directions, deviations } = principalColours(images, 1000);
  const [first] = directions, sign = Math.sign(first![0]);
  assertClose(first!.map((part) => sign * part), [1 / 3, 2 / 3, -2 / 3], 5e-3);
  assertClose([deviations[0]!], [180 / Math.sqrt(12) / 255], 2e-2);
  assert.ok(deviations[1]! < 0.003 && deviations[2]! < 0.003, "the rest is rounding");
});

Deno.test("directions are unit vectors at right angles, in the order of their deviations", () => {
  const next = uniformNumbers(4);
  const images = Uint8Array.from({ length: 3000 }, (_, at) => [40, 200, 100][at % 3]! * next());
  const { directions, deviations } = principalColours(images, 1000);
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, at) => sum + x * b[at]!, 0);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) assertClose([product(directions[i]!, directions[j]!)], [i === j ? 1 : 0], 1e-9);
  }
  assert.deepEqual(deviations, deviations.toSorted((a, b) => b - a));
});

Deno.test("every column of the images is sampled", () => {
  // 2,048 images of 32 x 32, twice the sample: only columns 1, 3, 5, ... have a colour.
  const images = new Uint8Array(2048 * 32 * 32 * 3);
  for (let pixel = 1; pixel < images.length / 3; pixel += 2) images[3 * pixel] = 255;
  const { deviations } = principalColours(images, 32 * 32);
  // Half of the pixels are 1 and half are 0.
  assertClose([deviations[0]!], [0.5], 1e-3);
});
