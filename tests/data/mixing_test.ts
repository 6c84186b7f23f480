import assert from "#assert";
import { type Layer, mixImages, type MixingName, mixingNames, mixings, mixLabels } from "../../data/mixing.ts";
import { stream } from "../../data/random.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomArray } from "../support/random_tensors.ts";

const BATCH = 6, CLASSES = 4, HEIGHT = 8, WIDTH = 10;
const mixed = { batch: BATCH, imageShape: [HEIGHT, WIDTH, 3] as const };
const images = randomArray([BATCH, HEIGHT, WIDTH, 3], 1);
const labels = [0, 1, 2, 3, 0, 1];
const all = { first: 0, count: BATCH };

const layersAt = (name: MixingName, step: number): Layer[] =>
  mixings[name].draw(mixings[name].amount, mixed, (index) => stream(1, "mixing", step, index));

const pixel = (of: Float32Array, image: number, y: number, x: number) => {
  const begin = ((image * HEIGHT + y) * WIDTH + x) * 3;
  return of.subarray(begin, begin + 3);
};

for (const name of mixingNames) {
  Deno.test(`${name}: the labels' shares sum to 1, and a part of the batch is mixed as the whole is`, () => {
    for (let step = 0; step < 20; step++) {
      const layers = layersAt(name, step);
      const whole = mixImages(layers, images, mixed, all), targets = mixLabels(layers, labels, CLASSES, all);
      for (let at = 0; at < BATCH; at++) {
        const shares = targets.subarray(at * CLASSES, (at + 1) * CLASSES);
        assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-6 && shares.every((share) => share >= 0));
      }
      const part = { first: 2, count: 2 };
      const size = whole.length / BATCH;
      assert.deepEqual(mixImages(layers, images, mixed, part), whole.slice(2 * size, 4 * size));
      assert.deepEqual(mixLabels(layers, labels, CLASSES, part), targets.slice(2 * CLASSES, 4 * CLASSES));
    }
  });

  Deno.test(`${name}: a step's mixture depends on the step alone`, () => {
    assert.deepEqual(layersAt(name, 3), layersAt(name, 3));
    assert.notDeepEqual(Array.from({ length: 4 }, (_, step) => layersAt(name, step)), Array(4).fill(layersAt(name, 0)));
  });
}

Deno.test("mixup is share x + (1 - share) x', of pictures and of labels", () => {
  for (let step = 0; step < 10; step++) {
    const layers = layersAt("mixup", step);
    const { partners, share: other } = layers[1]!;
    const result = mixImages(layers, images, mixed, all), targets = mixLabels(layers, labels, CLASSES, all);
    const size = images.length / BATCH;
    assertClose(
      result,
      images.map((value, at) =>
        (1 - other) * value + other * images[partners![Math.floor(at / size)]! * size + at % size]!
      ),
      1e-6,
    );
    for (let at = 0; at < BATCH; at++) {
      const expected = new Array<number>(CLASSES).fill(0);
      expected[labels[at]!]! += 1 - other;
      expected[labels[partners![at]!]!]! += other;
      assertClose(targets.subarray(at * CLASSES, (at + 1) * CLASSES), expected, 1e-6);
    }
  }
});

Deno.test("CutMix takes each pixel from one of two pictures, and labels by the numbers of pixels; half of the batches stay", () => {
  let unmixed = 0;
  const STEPS = 400;
  for (let step = 0; step < STEPS; step++) {
    const layers = layersAt("cutmix", step);
    const result = mixImages(layers, images, mixed, all);
    if (layers.length === 1) {
      unmixed++;
      assert.deepEqual(result, images);
      continue;
    }
    const { partners, share } = layers[1]!;
    const own = partners!.findIndex((partner, at) => partner !== at);
    if (own === -1) continue;
    let pasted = 0;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const [seen, ownPixel, other] = [
          pixel(result, own, y, x),
          pixel(images, own, y, x),
          pixel(images, partners![own]!, y, x),
        ];
        if (`${seen}` === `${other}`) pasted++;
        else assert.deepEqual(seen, ownPixel);
      }
    }
    assert.ok(Math.abs(pasted / (HEIGHT * WIDTH) - share) < 1e-9);
  }
  assert.ok(Math.abs(unmixed / STEPS - 0.5) < 0.1, `${unmixed}`);
});

Deno.test("RICAP shows a part of each of four pictures, from anywhere in them, with shares of their areas", () => {
  const origins = new Set<string>();
  for (let step = 0; step < 50; step++) {
    const layers = layersAt("ricap", step);
    assert.equal(layers.length, 4);
    const result = mixImages(layers, images, mixed, all);
    const seen = new Uint8Array(HEIGHT * WIDTH);
    for (const { partners, window, from, share } of layers) {
      origins.add(`${from}`);
      assert.ok(from![0] + window!.height <= HEIGHT && from![1] + window!.width <= WIDTH);
      assert.ok(Math.abs(window!.height * window!.width / (HEIGHT * WIDTH) - share) < 1e-9);
      for (let y = 0; y < window!.height; y++) {
        for (let x = 0; x < window!.width; x++) {
          seen[(window!.top + y) * WIDTH + window!.left + x]!++;
          assert.deepEqual(
            pixel(result, 1, window!.top + y, window!.left + x),
            pixel(images, partners![1]!, from![0] + y, from![1] + x),
          );
        }
      }
    }
    assert.ok(seen.every((count) => count === 1));
  }
  assert.ok(origins.size > 40, `${origins.size}`);
});
