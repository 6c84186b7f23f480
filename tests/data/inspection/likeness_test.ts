import assert from "#assert";
import { colourCorrelation, detailCorrelation, isBlank, mirrorImage } from "../../../data/inspection/likeness.ts";
import { assertClose } from "../../support/assert_close.ts";
import { figure } from "../../support/inspected.ts";

const LENGTH = 32 * 32 * 3;

/** Pearson's correlation of values about their means, with a mean for each group. */
function pearson(a: readonly number[], b: readonly number[], groups: number): number {
  const centred = (values: readonly number[]) => {
    const means = Array.from({ length: groups }, (_, group) => {
      const own = values.filter((_, at) => at % groups === group);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    return values.map((value, at) => value - means[at % groups]!);
  };
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  const [x, y] = [centred(a), centred(b)];
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

Deno.test("colours are correlated about the mean of each channel", () => {
  const [a, b] = [figure(1), figure(11)];
  assertClose([colourCorrelation(a, b)], [pearson([...a], [...b], 3)], 1e-9);
  const faint = a.map((value) => 40 + value / 4);
  assert.ok(colourCorrelation(a, faint) > 0.999, "brightness and contrast make no difference");
});

Deno.test("details are the Laplacian of the pixels inside", () => {
  const [a, b] = [figure(3), figure(4)];
  const laplacian = (pixels: Uint8Array) => {
    const values: number[] = [];
    for (let y = 1; y < 31; y++) {
      for (let x = 1; x < 31; x++) {
        for (let c = 0; c < 3; c++) {
          const pixel = (down: number, right: number) => pixels[((y + down) * 32 + x + right) * 3 + c]!;
          values.push(4 * pixel(0, 0) - pixel(-1, 0) - pixel(1, 0) - pixel(0, -1) - pixel(0, 1));
        }
      }
    }
    return values;
  };
  const [x, y] = [laplacian(a), laplacian(b)];
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  assertClose([detailCorrelation(a, b)], [dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))], 1e-9);
});

Deno.test("a mirrored picture has its columns in reverse", () => {
  const pixels = figure(5), mirrored = mirrorImage(pixels);
  for (const [y, x] of [[0, 0], [3, 31], [31, 7]] as const) {
    const at = (y * 32 + x) * 3, other = (y * 32 + 31 - x) * 3;
    assert.deepEqual(mirrored.subarray(other, other + 3), pixels.subarray(at, at + 3));
  }
});

Deno.test("a picture of one colour with faint noise is blank; a picture with a small mark is not", () => {
  const plain = Uint8Array.from({ length: LENGTH }, (_, at) => 250 + at % 2);
  assert.ok(isBlank(plain));
  assert.equal(colourCorrelation(plain, figure(1)) < 0.5, true);
  const marked = plain.slice();
  for (let at = 0; at < 30; at++) marked[3000 + at] = 0;
  assert.ok(!isBlank(marked));
  assert.equal(colourCorrelation(new Uint8Array(LENGTH), figure(1)), 0);
});
