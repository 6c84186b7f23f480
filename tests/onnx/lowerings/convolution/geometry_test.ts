import assert from "#assert";
import { TraceError } from "../../../../onnx/internal.ts";
import { geometry, pads } from "../../../../onnx/lowerings/convolution/geometry.ts";

const image = [1, 6, 5, 3], filter = [3, 3, 3, 4];

Deno.test("same padding with stride 2 is more at the bottom and right of an even side", () => {
  const info = geometry("Conv2D", image, filter, { strides: 2, pad: "same" });
  assert.deepEqual(pads(info), [0, 1, 1, 1]);
  assert.deepEqual(info.outShape, [1, 3, 3, 4]);
});

Deno.test("images of channels first, and sizes that are not rounded down, are errors that say what can be traced", () => {
  assert.throws(
    () => geometry("Conv2D", image, filter, { strides: 1, pad: "same", dataFormat: "NCHW" }),
    new TraceError("kernel Conv2D has data format NCHW; it can be traced with NHWC"),
  );
  assert.throws(
    () => geometry("Conv2D", image, filter, { strides: 2, pad: 0, dimRoundingMode: "ceil" }),
    new TraceError("kernel Conv2D rounds sizes by ceil; it can be traced with floor"),
  );
});
