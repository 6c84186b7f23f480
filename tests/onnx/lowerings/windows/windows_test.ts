import { backend_util } from "@tensorflow/tfjs";
import assert from "#assert";
import { DYNAMIC, TraceError } from "../../../../onnx/internal.ts";
import { isPlain, type Pad, type Rounding, windowsOf, withCounts } from "../../../../onnx/lowerings/windows/windows.ts";

const rules = { kernel: "K", taps: [3, 2], strides: [2, 1], dilations: [1, 1] };
const pads: readonly Pad[] = ["same", "valid", 1, 0, [[0, 0], [1, 2], [0, 1], [0, 0]]];

for (const pad of pads) {
  Deno.test(`windows padded by ${JSON.stringify(pad)} are as many as TensorFlow.js counts`, () => {
    for (let size = 3; size < 10; size++) {
      const windows = windowsOf({ ...rules, sizes: [size, size + 1], pad });
      const { outHeight, outWidth, padInfo } = backend_util.computeConv2DInfo(
        [1, size, size + 1, 1],
        [3, 2, 1, 1],
        [2, 1],
        1,
        pad as "same",
      );
      assert.deepEqual(windows.map(({ count }) => count), [outHeight, outWidth]);
      assert.deepEqual(windows.map(({ before }) => before), [padInfo.top, padInfo.left]);
    }
  });
}

const sizeOf = (size: number, pad: Pad, rounding: Rounding) =>
  windowsOf({ kernel: "K", sizes: [size, size], taps: [3, 3], strides: [3, 3], dilations: [1, 1], pad, rounding })[0]!;

Deno.test("padding after the image makes ONNX, which rounds down, count as many windows", () => {
  for (const rounding of ["floor", "round", "ceil"] as const) {
    for (let size = 3; size < 12; size++) {
      const { count, before, after } = sizeOf(size, 1, rounding);
      assert.equal(Math.floor((size + before + after - 3) / 3) + 1, count);
      const unknown = sizeOf(DYNAMIC, 1, rounding);
      assert.equal(Math.floor((size + unknown.before + unknown.after - 3) / 3) + 1, count);
    }
  }
});

Deno.test("same padding of an unknown size is known with stride 1, and computed with a greater one", () => {
  const [rows, columns] = windowsOf({ ...rules, sizes: [DYNAMIC, DYNAMIC], pad: "same" });
  assert.deepEqual([rows!.isComputed, columns!.isComputed], [true, false]);
  assert.deepEqual([columns!.before, columns!.after], [0, 1]);
  assert.equal(isPlain([columns!]), false);
});

Deno.test("a gradient has as many windows as its forward kernel, which may have rounded up", () => {
  const [rows] = withCounts([sizeOf(7, 0, "floor")], [3]);
  assert.deepEqual([rows!.count, rows!.after], [3, 2]);
});

Deno.test("a window that fits nowhere, and unequal strides of an unknown size, are errors", () => {
  assert.throws(
    () => windowsOf({ ...rules, taps: [3, 9], sizes: [3, 3], pad: "valid" }),
    new TraceError("kernel K has windows of 9 pixels, but the image has 3; make them smaller"),
  );
  assert.throws(
    () => windowsOf({ ...rules, sizes: [3, DYNAMIC], pad: 1 }),
    new TraceError('kernel K pads an unknown size by a number, with unequal strides; pad by "same" or "valid"'),
  );
});
