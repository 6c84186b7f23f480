import assert from "#assert";
import { stream } from "../../data/random.ts";
import { drawView, normalisationTable, WHOLE, writeView } from "../../data/view.ts";

const imageShape = [4, 4, 3] as const;

const size = 48;

Deno.test("normalisation is (x / 255 - mean) / std in each channel", () => {
  const table = normalisationTable([0.5, 0.25, 0], [0.5, 0.25, 2]);
  const at = (byte: number, channel: number) => table[byte * 3 + channel];
  assert.deepEqual([at(255, 0), at(0, 0), at(0, 1), at(255, 2)], [1, -1, -1, 0.5]);
});

/** A one-row view of an image of one channel's worth of numbers. */
function viewOf(view: typeof WHOLE): number[][] {
  const image = Uint8Array.from({ length: size }, (_, at) => Math.floor(at / 3) + 1);
  const target = new Float32Array(size).fill(NaN);
  writeView(image, imageShape, view, Float32Array.from({ length: 768 }, (_, at) => Math.floor(at / 3)), target);
  return [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => target[(row * 4 + column) * 3 + 1]!));
}

Deno.test("a view is the image mirrored, moved, and zero outside", () => {
  assert.deepEqual(viewOf(WHOLE)[1], [5, 6, 7, 8]);
  assert.deepEqual(viewOf({ ...WHOLE, mirrored: true })[1], [8, 7, 6, 5]);
  assert.deepEqual(viewOf({ mirrored: false, down: 1, right: -2 }), [[0, 0, 5, 6], [0, 0, 9, 10], [0, 0, 13, 14], [
    0,
    0,
    0,
    0,
  ]]);
  assert.deepEqual(viewOf({ mirrored: true, down: -1, right: 1 }), [[0, 0, 0, 0], [3, 2, 1, 0], [7, 6, 5, 0], [
    11,
    10,
    9,
    0,
  ]]);
});

Deno.test("views are mirrored half the time and moved evenly from -4 to 4 each way", () => {
  const views = Array.from(
    { length: 18_000 },
    (_, at) => drawView({ flip: 0.5, padding: 4 }, stream(1, "augmentation", at)),
  );
  const mirrored = views.filter((view) => view.mirrored).length;
  assert.ok(Math.abs(mirrored - 9000) < 300, `${mirrored}`);
  for (const axis of ["down", "right"] as const) {
    for (let offset = -4; offset <= 4; offset++) {
      const count = views.filter((view) => view[axis] === offset).length;
      assert.ok(Math.abs(count - 2000) < 200, `${axis} ${offset}: ${count}`);
    }
  }
});
