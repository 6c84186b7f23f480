import assert from "#assert";
import { channelStatistics } from "../../data/dataset.ts";
import { patchCovariance, whiteningFilters } from "../../data/whitening.ts";
import { assertClose } from "../support/assert_close.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

const SIDE = 8, COUNT = 40, SIZE = 3, LENGTH = SIZE * SIZE * 3;

/** Pictures whose neighbours and channels are alike, as those of photographs are. */
function smooth() {
  const next = uniformNumbers(1);
  const images = new Uint8Array(COUNT * SIDE * SIDE * 3);
  for (let image = 0; image < COUNT; image++) {
    const [a, b, c, level] = [next(), next(), next(), next()];
    for (let at = 0; at < SIDE * SIDE * 3; at++) {
      const [y, x, channel] = [Math.floor(at / 3 / SIDE), Math.floor(at / 3) % SIDE, at % 3];
      const value = level + 0.3 * Math.sin(a * x + b * y) + 0.1 * c * channel + 0.2 * (next() - 0.5);
      images[image * SIDE * SIDE * 3 + at] = 255 * Math.min(1, Math.max(0, value));
    }
  }
  const train = { count: COUNT, images, labels: new Uint8Array(COUNT) };
  return { imageShape: [SIDE, SIDE, 3] as const, train, ...channelStatistics(images) };
}

const dataset = smooth();

/** All normalised patches, by their definition. */
function patches(): number[][] {
  const { mean, std, train: { images } } = dataset;
  const result: number[][] = [];
  for (let image = 0; image < COUNT; image++) {
    for (let top = 0; top <= SIDE - SIZE; top++) {
      for (let left = 0; left <= SIDE - SIZE; left++) {
        result.push(Array.from({ length: LENGTH }, (_, at) => {
          const [y, x, channel] = [top + Math.floor(at / 9), left + Math.floor(at / 3) % 3, at % 3];
          return (images[((image * SIDE + y) * SIDE + x) * 3 + channel]! / 255 - mean[channel]!) / std[channel]!;
        }));
      }
    }
  }
  return result;
}

const all = patches();
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

Deno.test("the covariance is the mean product of any two numbers of a patch", () => {
  const covariance = patchCovariance(dataset, SIZE);
  for (const [i, j] of [[0, 0], [3, 20], [20, 3], [26, 26]] as const) {
    const expected = all.reduce((sum, patch) => sum + patch[i]! * patch[j]!, 0) / all.length;
    assertClose([covariance[i]![j]!], [expected], 1e-6);
  }
});

const kernel = whiteningFilters(dataset, { size: SIZE, filters: 2 * LENGTH, epsilon: 0 });
const filter = (index: number, of = kernel, filters = 2 * LENGTH) =>
  Array.from({ length: LENGTH }, (_, at) => of[at * filters + index]!);

Deno.test("what the filters give has variance 1 and is uncorrelated", () => {
  const outputs = all.map((patch) => Array.from({ length: LENGTH }, (_, at) => dot(patch, filter(at))));
  for (let i = 0; i < LENGTH; i++) {
    for (let j = 0; j <= i; j++) {
      const product = outputs.reduce((sum, output) => sum + output[i]! * output[j]!, 0) / all.length;
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-4, `${i}, ${j}: ${product}`);
    }
  }
});

Deno.test("the second half of the filters is the first half negated", () => {
  for (let at = 0; at < LENGTH; at++) assertClose(filter(LENGTH + at), filter(at).map((value) => -value), 0);
});

Deno.test("fewer filters are the components of the greatest deviation", () => {
  const few = whiteningFilters(dataset, { size: SIZE, filters: 4, epsilon: 0 });
  for (const at of [0, 1]) assertClose(filter(at, few, 4), filter(at), 0);
  // A filter is long where the deviation along it is small.
  const lengths = Array.from({ length: LENGTH }, (_, at) => dot(filter(at), filter(at)));
  assert.deepEqual(lengths, lengths.toSorted((a, b) => a - b));
});

Deno.test("epsilon bounds how much a component of little variance is raised", () => {
  const damped = whiteningFilters(dataset, { size: SIZE, filters: 2 * LENGTH, epsilon: 0.1 });
  for (let at = 0; at < LENGTH; at++) {
    const variance = 1 / dot(filter(at), filter(at));
    const own = filter(at, damped);
    assertClose([dot(own, own)], [1 / (variance + 0.1)], 1e-4);
  }
});

Deno.test("refused: an odd number of filters, or more than there are components and their negatives", () => {
  for (const filters of [3, 56, 0]) {
    assert.throws(() => whiteningFilters(dataset, { size: SIZE, filters }), /need an even number up to 54/);
  }
});
