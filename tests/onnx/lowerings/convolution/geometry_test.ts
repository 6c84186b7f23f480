import assert from "#assert";
import { TraceError } from "../../../../onnx/internal.ts";
import { geometry, pads, requireNoDilation, windows2d } from "../../../../onnx/lowerings/convolution/geometry.ts";

const image = [1, 6, 5, 3], filter = [3, 3, 3, 4];

Deno.test("same padding with stride 2 is more at the bottom and right of an even side", () => {
  const info = geometry(image, filter, windows2d("Conv2D", image, filter, { strides: 2, pad: "same" }));
  assert.deepEqual(pads(info), [0, 1, 1, 1]);
  assert.deepEqual(info.outShape, [1, 3, 3, 4]);
});

Deno.test("explicit padding is that of the data format", () => {
  const [rows, columns] = windows2d("Conv2D", image, filter, {
    strides: 1,
    pad: [[0, 0], [0, 0], [1, 2], [3, 4]],
    dataFormat: "NCHW",
  });
  assert.deepEqual([rows!.before, rows!.after, columns!.before, columns!.after], [1, 2, 3, 4]);
});

Deno.test("a gradient with dilations is an error", () => {
  requireNoDilation("K", [1, 1]);
  const says = new TraceError("kernel K has dilations 1,2, which TensorFlow.js ignores; use dilation 1");
  assert.throws(() => requireNoDilation("K", [1, 2]), says);
});
