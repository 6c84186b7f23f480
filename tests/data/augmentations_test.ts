import assert from "#assert";
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { type AugmentationName, augmentations } from "../../data/augmentations.ts";
import { augmenter } from "../../data/augmenter.ts";
import type { TrainingData } from "../../data/batches.ts";
import { stream } from "../../data/random.ts";
import { assertClose } from "../support/assert_close.ts";
import { augmented, data, image, plain, side } from "../support/augmented_noise.ts";

/** A channel of an augmented image as bytes. */
const bytesOf = (pixels: Float32Array, channel: 0 | 1 | 2) =>
  Array.from(
    { length: side * side },
    (_, at) => 255 * (pixels[3 * at + channel]! * data.std[channel] + data.mean[channel]),
  );

const sorted = (numbers: ArrayLike<number>) => Float64Array.from(numbers).toSorted();

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b) / numbers.length;

for (const name of Object.keys(augmentations) as AugmentationName[]) {
  Deno.test(`${name} depends on the draws alone, leaves the image as it is, and does something`, () => {
    const before = image.slice();
    const places = Array.from({ length: 16 }, (_, at) => at);
    const results = places.map((place) => augmented(name, place));
    assert.deepEqual(places.map((place) => augmented(name, place)), results);
    assert.deepEqual(image, before);
    assert.ok(results.some((result) => result.some((value, at) => Math.abs(value - plain[at]!) > 1e-3)));
    assert.ok(results.every((result) => result.every(Number.isFinite)));
  });
}

for (const name of ["flip", "flip-vertical"] as const) {
  Deno.test(`${name} mirrors each row or column, always at probability 1 and never at 0`, () => {
    const mirrored = augmented(`${name}:1`);
    const at = (y: number, x: number) => (y * side + x) * 3;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = name === "flip" ? at(y, side - 1 - x) : at(side - 1 - y, x);
        assertClose(mirrored.subarray(at(y, x), at(y, x) + 3), plain.subarray(from, from + 3), 1e-6);
      }
    }
    assertClose(augmented(`${name}:0,blur:0`), plain, 1e-6);
  });
}

Deno.test("right angles keep every pixel; each of the four comes as often, and turning four times is no turn", () => {
  const seen = new Map<string, number>();
  for (let place = 0; place < 400; place++) {
    const turned = augmented("rotate90", place);
    assertClose(sorted(turned), sorted(plain), 1e-6);
    seen.set(turned.slice(0, 3).join(), (seen.get(turned.slice(0, 3).join()) ?? 0) + 1);
  }
  assert.equal(seen.size, 4);
  for (const count of seen.values()) assert.ok(Math.abs(count - 100) < 40, `${[...seen.values()]}`);
});

Deno.test("a rotation keeps the middle, and what comes in from outside is 0", () => {
  const odd: TrainingData = { ...data, imageShape: [side - 1, side - 1, 3] };
  const middle = Math.floor((side - 1) ** 2 / 2) * 3;
  const target = new Float32Array((side - 1) ** 2 * 3);
  const whole = new Float32Array(target.length);
  augmenter([], odd)(image, stream(1, "augmentation"), whole);
  for (let place = 0; place < 10; place++) {
    augmenter(parseAugmentations("rotate:180"), odd)(image, stream(1, "augmentation", place), target);
    assertClose(target.subarray(middle, middle + 3), whole.subarray(middle, middle + 3), 1e-5);
  }
  const corners = Array.from({ length: 50 }, (_, place) => augmented("rotate:180", place).subarray(0, 3));
  assert.ok(corners.filter((corner) => corner.every((value) => Math.abs(value) < 1e-6)).length > 25);
  assertClose(augmented("rotate:0"), plain, 1e-6);
});

Deno.test("padding and cropping moves the whole image, zero outside", () => {
  const offsets = new Set<string>();
  for (let place = 0; place < 200; place++) {
    const moved = augmented("pad-crop:2", place);
    const matches: string[] = [];
    for (let down = -2; down <= 2; down++) {
      for (let right = -2; right <= 2; right++) {
        const holds = Array.from({ length: side * side }, (_, at) => at).every((at) => {
          const [y, x] = [Math.floor(at / side) + down, at % side + right];
          const outside = y < 0 || y >= side || x < 0 || x >= side;
          return Math.abs(moved[3 * at]! - (outside ? 0 : plain[(y * side + x) * 3]!)) < 1e-6;
        });
        if (holds) matches.push(`${down},${right}`);
      }
    }
    assert.equal(matches.length, 1);
    offsets.add(matches[0]!);
  }
  assert.equal(offsets.size, 25);
});

Deno.test("reflect-crop moves the whole image over its mirrored border", () => {
  const offsets = new Set<string>();
  const reflected = (place: number) => side - 1 - Math.abs(side - 1 - Math.abs(place));
  for (let place = 0; place < 200; place++) {
    const moved = augmented("reflect-crop:2", place);
    const matches = [-2, -1, 0, 1, 2].flatMap((down) => [-2, -1, 0, 1, 2].map((right) => [down, right] as const))
      .filter(([down, right]) =>
        Array.from({ length: side * side }, (_, at) => at).every((at) => {
          const [y, x] = [reflected(Math.floor(at / side) + down), reflected(at % side + right)];
          return Math.abs(moved[3 * at]! - plain[(y * side + x) * 3]!) < 1e-6;
        })
      );
    assert.equal(matches.length, 1);
    offsets.add(`${matches[0]}`);
  }
  assert.equal(offsets.size, 25);
});

Deno.test("a crop that is enlarged lies within the image's range, and the whole area is nearly the whole image", () => {
  for (let place = 0; place < 20; place++) {
    for (const channel of [0, 1, 2] as const) {
      const [least, most] = [Math.min(...bytesOf(plain, channel)), Math.max(...bytesOf(plain, channel))];
      const bytes = bytesOf(augmented("crop-resize:0.3", place), channel);
      assert.ok(Math.min(...bytes) > least - 1e-3 && Math.max(...bytes) < most + 1e-3);
    }
  }
});

Deno.test("colour jitter of 0 changes nothing; of x it brings the mean up or down by x at the most", () => {
  assertClose(augmented("color-jitter:0"), plain, 1e-5);
  const bright = Array.from({ length: 100 }, (_, place) => mean(bytesOf(augmented("color-jitter:0.3", place), 1)));
  const was = mean(bytesOf(plain, 1));
  assert.ok(bright.every((now) => now > 0.65 * was && now < 1.35 * was));
  assert.ok(Math.max(...bright) > 1.1 * was && Math.min(...bright) < 0.9 * was);
});

Deno.test("colour noise is the same for all pixels, of mean 0, and as large along each axis as the images' own spread", () => {
  // Far from black and white nothing is cut off.
  const grey: TrainingData = {
    ...data,
    train: { ...data.train, images: data.train.images.map((byte) => 96 + byte / 4) },
  };
  const target = new Float32Array(image.length), pixel = grey.train.images.subarray(0, image.length);
  const begin = new Float32Array(image.length);
  augmenter([], grey)(pixel, stream(1, "augmentation"), begin);
  const step = augmenter(parseAugmentations("pca-noise:0.2"), grey);
  const shifts = Array.from({ length: 2000 }, (_, place) => {
    step(pixel, stream(1, "augmentation", place), target);
    const differences = Array.from(target, (value, at) => (value - begin[at]!) * grey.std[at % 3]!);
    for (let at = 3; at < differences.length; at++) {
      assert.ok(Math.abs(differences[at]! - differences[at % 3]!) < 1e-5, "one shift for the whole image");
    }
    return differences.slice(0, 3);
  });
  const images = grey.train.images;
  for (const channel of [0, 1, 2]) {
    const values = Array.from({ length: images.length / 3 }, (_, at) => images[3 * at + channel]! / 255);
    const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    const ofChannel = shifts.map((shift) => shift[channel]!);
    assert.ok(Math.abs(mean(ofChannel)) < 0.02 * deviation);
    // Of independent draws along the axes the variance of a channel is that of the images, times 0.2 squared.
    const spread = Math.sqrt(mean(ofChannel.map((shift) => shift ** 2)));
    assert.ok(Math.abs(spread / (0.2 * deviation) - 1) < 0.08, `${spread} of ${deviation}`);
  }
});

Deno.test("salt and pepper make the stated share of the pixels black or white, as many of each", () => {
  let black = 0, white = 0, total = 0;
  for (let place = 0; place < 200; place++) {
    const pixels = augmented("salt-pepper:0.1", place);
    for (let at = 0; at < side * side; at++, total++) {
      const bytes = [0, 1, 2].map((channel) => bytesOf(pixels, channel as 0 | 1 | 2)[at]!);
      if (bytes.every((byte) => Math.abs(byte) < 1e-3)) black++;
      else if (bytes.every((byte) => Math.abs(byte - 255) < 1e-3)) white++;
      else assertClose(pixels.subarray(3 * at, 3 * at + 3), plain.subarray(3 * at, 3 * at + 3), 1e-6);
    }
  }
  assert.ok(Math.abs(black / total - 0.05) < 0.006 && Math.abs(white / total - 0.05) < 0.006, `${black}, ${white}`);
});

/** Mean square of the differences between neighbours in a row: how sharp an image is. */
const sharpness = (pixels: Float32Array) =>
  mean(
    Array.from(pixels.subarray(3), (value, at) => at % (3 * side) < 3 * (side - 1) ? (value - pixels[at]!) ** 2 : 0),
  );

Deno.test("blurring makes an image less sharp and emphasising its edges sharper; both keep a flat one", () => {
  const after = (list: string) => Array.from({ length: 20 }, (_, place) => sharpness(augmented(list, place)));
  assert.ok(after("blur:2").every((value) => value <= sharpness(plain) + 1e-6));
  assert.ok(mean(after("blur:2")) < 0.7 * sharpness(plain));
  assert.ok(mean(after("edges:2")) > 1.1 * sharpness(plain));
  const flat = new Uint8Array(image.length).fill(100), target = new Float32Array(image.length);
  for (const list of ["blur:2", "edges:2"]) {
    augmenter(parseAugmentations(list), data)(flat, stream(1, "augmentation"), target);
    assertClose(target, Array.from(flat, (byte, at) => (byte / 255 - data.mean[at % 3]!) / data.std[at % 3]!), 1e-5);
  }
});

Deno.test("cutout zeroes a square of the stated side, or what of it lies inside, and nothing else", () => {
  let whole = 0;
  for (let place = 0; place < 100; place++) {
    const cut = augmented("cutout:4", place);
    const changed = Array.from({ length: side * side }, (_, at) => at)
      .filter((at) => Math.abs(cut[3 * at]! - plain[3 * at]!) > 1e-6);
    assert.ok(changed.every((at) => Math.abs(cut[3 * at]!) < 1e-6));
    const rows = changed.map((at) => Math.floor(at / side)), columns = changed.map((at) => at % side);
    const [height, width] = [rows, columns].map((places) => Math.max(...places) - Math.min(...places) + 1);
    assert.ok(height! <= 4 && width! <= 4 && changed.length <= height! * width!);
    if (height === 4 && width === 4) whole++;
  }
  assert.ok(whole > 30, `${whole}`);
});
