import * as tf from "@tensorflow/tfjs";
import { imageLowerings } from "../../../../onnx/lowerings/image/mod.ts";
import { randomTensor } from "../../../support/eager.ts";
import { blockedCase, type Case, image, testCase, testLowerings, typedCase } from "../../../support/lowering_cases.ts";

type Size = [number, number];
type Fn = (x: tf.Tensor) => tf.Tensor;

/** Larger, smaller, whole multiples, one pixel, the same. */
const sizes: readonly Size[] = [[9, 7], [4, 3], [12, 15], [1, 1], [6, 5], [5, 11]];
/** Aligned corners, half-pixel centres. */
const rules: readonly (readonly [boolean, boolean])[] = [[false, false], [true, false], [false, true]];

const linear = (size: Size, [aligned, centres]: readonly [boolean, boolean]) => (x: tf.Tensor) =>
  tf.image.resizeBilinear(x as tf.Tensor4D, size, aligned, centres);
const nearest = (size: Size, [aligned, centres]: readonly [boolean, boolean]) => (x: tf.Tensor) =>
  tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, aligned, centres);

const every = (resize: typeof linear, shape: readonly (number | null)[] = image, rule = rules) =>
  testCase((x) => rule.flatMap((rule) => sizes.map((size) => resize(size, rule)(x!))), [...shape]);

const gradients = (resize: typeof linear, shape: readonly number[], rules: readonly (readonly [boolean, boolean])[]) =>
  testCase(
    (x) =>
      rules.flatMap((rule) =>
        sizes.map((size) => tf.grad(resize(size, rule))(x!, randomTensor([shape[0]!, ...size, shape[3]!], 7)))
      ),
    [...shape],
  );

const square = [2, 5, 5, 3];
/** TensorFlow.js's gradients leave half-pixel centres out, and that of the nearest pixels reads other images of a batch. */
const withoutCentres = rules.slice(0, 2);

const boxes = [0, 0, 1, 1, 0.2, 0.6, 0.9, 0.1, -0.5, 0.1, 0.4, 1.3, 0.5, 0.5, 0.5, 0.5];
const crop = (size: Size, method: "bilinear" | "nearest", fill = 0.5) =>
(
  x: tf.Tensor,
  boxes: tf.Tensor,
  indices: tf.Tensor,
) => tf.image.cropAndResize(x as tf.Tensor4D, boxes as tf.Tensor2D, indices as tf.Tensor1D, size, method, fill);
const crops = (shape: (number | null)[], count: number | null, numbers = boxes): Case => ({
  fn: (x, boxes, indices) =>
    (["bilinear", "nearest"] as const).flatMap((method) =>
      ([[4, 3], [1, 1], [7, 2]] as Size[]).map((size) => crop(size, method)(x!, boxes!, indices!))
    ),
  shapes: [shape, [count, 4], [count]],
  dtypes: ["float32", "float32", "int32"],
  elements: [undefined, numbers, [0, 1, 1, 0]],
});

const dilate = (strides: number | Size, pad: "same" | "valid", dilations: number | Size = 1) =>
(
  x: tf.Tensor,
  f: tf.Tensor,
) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, strides as Size, pad, dilations as Size);
const dilationFilter = [3, 2, 3];
const coarse = (x: number) => Math.round(2 * x);

const maps = [1, 0.2, -1, -0.1, 0.9, 0.5, 0.01, -0.02];
const map = (mode: "constant" | "reflect" | "wrap" | "nearest", size?: Size) => (x: tf.Tensor, maps: tf.Tensor) =>
  (["nearest", "bilinear"] as const).map((interpolation) =>
    tf.image.transform(x as tf.Tensor4D, maps as tf.Tensor2D, interpolation, mode, 0.5, size)
  );
const modes = ["constant", "reflect", "wrap", "nearest"] as const;
const transformed = (shape: (number | null)[], numbers: number[], size?: Size): Case => ({
  fn: (x, maps) => modes.flatMap((mode) => map(mode, size)(x!, maps!)),
  shapes: [shape, [1, 8]],
  elements: [undefined, numbers],
});

testLowerings(Object.keys(imageLowerings), {
  "CropAndResize": crops(image, 4),
  "CropAndResize of unknown sizes": crops([2, null, null, 2], null),
  "CropAndResize of boxes that are not numbers": crops(image, 4, [
    NaN,
    0,
    1,
    1,
    0,
    0,
    1,
    NaN,
    0,
    0,
    Infinity,
    1,
    0,
    0,
    1,
    1,
  ]),
  "CropAndResize of images that are not there": {
    ...crops(image, 4),
    elements: [undefined, boxes, [0, 2, 1, 9]],
  },
  "CropAndResize of images before the first one": {
    ...crops(image, 4),
    elements: [undefined, boxes, [0, -1, 1, -3]],
  },
  "CropAndResize of int32 images": { ...crops(image, 4), dtypes: ["int32", "float32", "int32"] },
  "Dilation2D": testCase(
    (x, f) =>
      [dilate(1, "same"), dilate(2, "same"), dilate([1, 2], "valid"), dilate(1, "same", 2), dilate(1, "valid", [2, 1])]
        .map((fn) => fn(x!, f!)),
    image,
    dilationFilter,
  ),
  "Dilation2D of NaN and infinities": {
    ...testCase((x, f) => dilate(1, "same")(x!, f!), [1, 4, 4, 1], [2, 2, 1]),
    elements: [[1, NaN, -Infinity, 2, NaN, NaN, 3, Infinity, 0, -1, NaN, 5, 7], [0, 1, -1, 0.5]],
  },
  "Dilation2D of an unknown batch": testCase((x, f) => dilate(2, "same")(x!, f!), [null, 6, 5, 3], dilationFilter),
  "Dilation2D's gradients": testCase(
    (x, f) =>
      [dilate(1, "same"), dilate(2, "same"), dilate([1, 2], "valid"), dilate(1, "same", 2)].flatMap((fn) =>
        tf.grads(fn)([x!, f!], randomTensor(fn(x!, f!).shape, 7))
      ),
    image,
    dilationFilter,
  ),
  "Dilation2D's gradients of equal numbers": {
    ...testCase(
      (x, f) => tf.grads(dilate(1, "same"))([x!, f!], randomTensor(image, 7)),
      image,
      dilationFilter,
    ),
    from: coarse,
  },
  "Dilation2D's gradients of windows without a maximum": {
    ...testCase(
      (x, f) =>
        [dilate(1, "same"), dilate(2, "same"), dilate([1, 2], "valid")].flatMap((fn) =>
          tf.grads(fn)([x!, f!], randomTensor(fn(x!, f!).shape, 7))
        ),
      [1, 6, 5, 1],
      [3, 2, 1],
    ),
    elements: [[...Array(14).fill(NaN), -Infinity, -1e16, 2, Infinity, 1], [0, 1, -1, 0.5]],
  },
  "FlipLeftRight": testCase((x) => tf.image.flipLeftRight(x as tf.Tensor4D), [null, null, null, 3]),
  "FlipLeftRight of a blocked image": blockedCase((y) => tf.image.flipLeftRight(y)),
  "ResizeBilinear": every(linear),
  "ResizeBilinear of one image": testCase((x) => tf.image.resizeBilinear(x as tf.Tensor3D, [4, 9]), [6, 5, 3]),
  "ResizeBilinear of int32": typedCase("int32", (x) => linear([9, 7], [false, true])(x!), image),
  "ResizeBilinear of an unknown size": every(linear, [null, null, null, 2]),
  "ResizeBilinear to multiples of an unknown size, and its gradient": testCase(
    (x) => {
      const resize = (x: tf.Tensor) => linear([2 * x.shape[1]!, 3 * x.shape[2]!], [false, false])(x);
      return [resize(x!), tf.grad(resize)(x!, resize(x!))];
    },
    [null, null, null, 2],
  ),
  "ResizeBilinear of a blocked image": blockedCase((y) => linear([8, 6], [false, true])(y)),
  "ResizeBilinear's gradient": gradients(linear, square, withoutCentres),
  "ResizeBilinear's gradient for an unknown batch": testCase(
    (x) => tf.grad(linear([9, 7], [false, false]))(x!, linear([9, 7], [false, false])(x!)),
    [null, 5, 5, 3],
  ),
  "ResizeNearestNeighbor": every(nearest),
  "ResizeNearestNeighbor of int32": typedCase(
    "int32",
    (x) => [nearest([12, 10], [false, false])(x!), nearest([9, 7], [false, true])(x!)],
    image,
  ),
  "ResizeNearestNeighbor by factors that floats round": testCase(
    (x) => [[49, 98], [41, 61], [55, 83]].map((size) => nearest(size as Size, [false, false])(x!)),
    [1, 1, 2, 1],
  ),
  "ResizeNearestNeighbor of infinities and NaN": {
    ...testCase((x) => [nearest([12, 10], [false, false])(x!), nearest([9, 7], [true, false])(x!)], [1, 6, 5, 1]),
    elements: [[1, NaN, -Infinity, 2, Infinity]],
  },
  "ResizeNearestNeighbor of an unknown size": every(nearest, [null, null, null, 2]),
  "ResizeNearestNeighbor to multiples of an unknown size, and its gradient": testCase(
    (x) => {
      const [height, width] = x!.shape.slice(1) as [number, number];
      const resize = nearest([2 * height, width], [false, false]);
      return [resize(x!), nearest([2 * height, 3 * width], [true, false])(x!), tf.grad(resize)(x!, resize(x!))];
    },
    [1, null, null, 2],
  ),
  "ResizeNearestNeighbor's gradient": gradients(nearest, [1, ...image.slice(1)], withoutCentres),
  "RotateWithOffset": testCase((x) => [
    tf.image.rotateWithOffset(x as tf.Tensor4D, 0.6),
    tf.image.rotateWithOffset(x as tf.Tensor4D, -2, 0.5, [0.2, 0.7]),
    tf.image.rotateWithOffset(x as tf.Tensor4D, 1, [1, 2, 3], 0.4),
  ], image),
  "RotateWithOffset of an unknown batch and four channels": testCase(
    (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, 0.6, [1, 2, 3]),
    [null, 6, 5, 4],
  ),
  "Transform": transformed([1, 6, 5, 3], maps),
  "Transform far beside the image": transformed([1, 6, 5, 3], [9, 3, -30, 2, -11, 40, 0, 0]),
  "Transform at infinity": transformed([1, 6, 5, 3], [1, 0, 0, 0, 1, 0, -0.25, 0]),
  "Transform to another size": transformed([1, 6, 5, 3], maps, [3, 8]),
  "Transform of an unknown size": transformed([1, null, null, 3], maps),
  "tf.image.grayscaleToRGB and rgbToGrayscale, which call other kernels": testCase(
    (x, y) => [tf.image.grayscaleToRGB(x as tf.Tensor4D), tf.image.rgbToGrayscale(y as tf.Tensor4D)],
    [2, 4, 3, 1],
    image,
  ),
});
