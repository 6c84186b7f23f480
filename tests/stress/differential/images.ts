/** Functions of images: resizing, moving pixels, blocks of pixels, normalisation, and fused layers. */
import * as tf from "@tensorflow/tfjs";
import type { Draw, Elements } from "./draw.ts";
import type { Call, Rule, Rules } from "./rule.ts";

const plain: Elements = { special: false };
const noMaxima: Elements = { specials: [NaN, -Infinity, 0, 1] };
const small: Elements = { from: -1, to: 1, special: false };

const image = (draw: Draw, channels = draw.integer(1, 3), min = 1) => [
  draw.dim({ min: 1, max: 3 }),
  draw.dim({ min, max: 6 }),
  draw.dim({ min, max: 6 }),
  channels,
];

/** Sums: the error of an element is that of the largest. */
const sums = { tolerance: 1e-4, isSum: true } satisfies Partial<Call>;

const resize = (fn: typeof tf.image.resizeBilinear): Rule => (draw) => {
  const size: [number, number] = [draw.integer(1, 8), draw.integer(1, 8)];
  const [align, halfPixel] = draw.oneOf([[false, false], [true, false], [false, true]]);
  const { specialValues, limits } = draw.specials();
  return {
    inputs: [draw.input(image(draw), "float32", limits)],
    specialValues,
    fn: (x) => fn(x as tf.Tensor4D, size, align, halfPixel),
    attributes: { size, align, halfPixel, specialValues },
    // TensorFlow.js leaves half-pixel centres out, exchanges the sides of images, and reads other images of a batch.
    gradient: "differences",
    ...sums,
  };
};

const cropAndResize: Rule = (draw) => {
  const size: [number, number] = [draw.integer(1, 5), draw.integer(1, 5)], method = draw.oneOf(["bilinear", "nearest"]);
  const boxes = draw.integer(1, 3), batch = draw.integer(1, 2), corners = draw.input([boxes, 4], "float32", plain);
  // Corners between pixels: TensorFlow.js and ONNX round those at the border alike, but in other precision.
  const elements = (count: number) =>
    corners.elements(count).map((_, at) => (at % 4 < 2 ? 0.1 : 0.55) + (at % 3) * 0.13);
  return {
    inputs: [
      draw.input([batch, draw.integer(2, 6), draw.integer(2, 6), draw.integer(1, 2)], "float32", plain),
      { ...corners, elements },
      draw.input([boxes], "int32", { from: -1, to: batch }),
    ],
    fn: (x, boxes, at) =>
      tf.image.cropAndResize(x as tf.Tensor4D, boxes as tf.Tensor2D, at as tf.Tensor1D, size, method, 0.5),
    attributes: { size, method },
    tolerance: 1e-4,
  };
};

const rotate: Rule = (draw) => {
  const angle = draw.number(-3, 3), fill = draw.oneOf([0, 1]);
  return {
    inputs: [draw.input(image(draw, 3, 2), "float32", plain)],
    fn: (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, angle, fill, 0.5),
    attributes: { angle, fill },
  };
};

const transform: Rule = (draw) => {
  const mode = draw.oneOf(["constant", "nearest"]), method = draw.oneOf(["bilinear", "nearest"]);
  const map = [1, 0, 0, 0, 1, 0, 0, 0].map((x, at) => at < 6 ? x + draw.number(-0.3, 0.3) : 0);
  return {
    // TensorFlow.js maps the first image of a batch only.
    inputs: [draw.input([1, draw.integer(2, 5), draw.integer(2, 5), 2], "float32", plain)],
    fn: (x) => tf.image.transform(x as tf.Tensor4D, tf.tensor2d(map, [1, 8]), method, mode, 0.5),
    attributes: { mode, method, map },
    tolerance: 1e-4,
  };
};

const flip: Rule = (draw) => ({
  inputs: [draw.input(image(draw))],
  fn: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
});

const dilation: Rule = (draw) => {
  const taps = [draw.integer(1, 3), draw.integer(1, 3)],
    stride = draw.integer(1, 2),
    pad = draw.oneOf(["same", "valid"]);
  const channels = draw.integer(1, 2);
  return {
    inputs: [
      // The gradient of an infinite maximum is infinite; a product with zeros spreads it.
      draw.input([draw.dim({ min: 1, max: 2 }), draw.integer(3, 6), draw.integer(3, 6), channels], "float32", noMaxima),
      draw.input([...taps, channels], "float32", plain),
    ],
    fn: (x, f) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, stride, pad),
    attributes: { taps, stride, pad },
    ...sums,
  };
};

const depthToSpace: Rule = (draw) => {
  const block = draw.integer(2, 3);
  return {
    inputs: [draw.input(image(draw, block * block * draw.integer(1, 2)))],
    fn: (x) => tf.depthToSpace(x as tf.Tensor4D, block, "NHWC"),
    attributes: { block },
  };
};

const spaceToBatch: Rule = (draw) => {
  const block = draw.integer(1, 3), rest = [draw.integer(1, 2), draw.integer(1, 2)].map((times) => times * block);
  const cut = draw.integer(0, block - 1);
  return {
    inputs: [draw.input([draw.dim({ min: 1 }), rest[0]! - 0, rest[1]!, draw.dim({ min: 1 })])],
    fn: (x) => tf.spaceToBatchND(x!, [block, block], [[cut, block - cut], [0, 0]]),
    attributes: { block, cut },
  };
};

const batchToSpace: Rule = (draw) => {
  const block = draw.integer(1, 2), crop = draw.integer(0, block - 1);
  return {
    inputs: [
      draw.input([
        block * block * draw.integer(1, 2),
        draw.dim({ min: 2 }),
        draw.dim({ min: 2 }),
        draw.dim({ min: 1 }),
      ]),
    ],
    fn: (x) => tf.batchToSpaceND(x!, [block, block], [[crop, 0], [0, crop]]),
    attributes: { block, crop },
  };
};

const batchNorm: Rule = (draw) => {
  const channels = draw.integer(1, 3),
    shape = draw.chance(0.5) ? image(draw, channels) : [draw.dim({ min: 1 }), channels];
  const { specialValues, limits } = draw.specials();
  const isExact = specialValues === "exact";
  // With an epsilon of 0, a variance of 0 makes an infinite scale.
  const positive = isExact ? { ...limits, specials: [0, Infinity, NaN] } : plain;
  return {
    inputs: [
      draw.input(shape, "float32", limits),
      draw.input([channels], "float32", limits),
      draw.input([channels], "float32", { ...positive, from: 0.3, to: 2 }),
      draw.input([channels], "float32", limits),
      draw.input([channels], "float32", limits),
    ],
    specialValues,
    fn: (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        isExact ? 0 : 0.001,
      ),
    attributes: { specialValues },
    // TensorFlow.js repeats statistics to the size of the batch.
    gradient: "differences",
    ...sums,
  };
};

/** Products of sums, and sums of products, of images and numbers per channel or image, which may be infinite. */
const scaledImage: Rule = (draw) => {
  const channels = draw.integer(1, 3),
    shape = image(draw, channels, 2),
    numbers = { specials: [Infinity, -Infinity, 0] };
  const perChannel = draw.oneOf([[channels], [1, 1, 1, channels], [shape[0]!, 1, 1, channels], [shape[0]!, 1, 1, 1]]);
  const form = draw.oneOf(Object.keys(scaledForms) as (keyof typeof scaledForms)[]);
  return {
    inputs: [
      draw.input(shape, "float32", numbers),
      draw.input(shape, "float32", plain),
      draw.input(perChannel, "float32", { ...numbers, special: draw.chance(0.5) }),
      draw.input([channels], "float32", numbers),
    ],
    fn: scaledForms[form],
    attributes: { form },
    ...sums,
  };
};

const scaledForms = {
  shifted: (x, _, a, b) => tf.mul(tf.sub(x!, b!), a!),
  shiftedTwice: (x, y, a, b) => tf.mul(tf.add(tf.mul(tf.add(x!, b!), a!), y!), b!),
  summed: (x, _, a) => tf.sum(tf.mul(x!, a!), [1, 2]),
  averaged: (x, y, a, b) => tf.mean(tf.mul(tf.mul(tf.sub(x!, b!), a!), y!), [0, 1, 2]),
  squared: (x, _, a, b) => tf.sum(tf.square(tf.mul(tf.relu(tf.sub(x!, b!)), a!)), [1, 2], true),
} satisfies Record<string, Call["fn"]>;

const localResponse: Rule = (draw) => {
  const radius = draw.integer(1, 3),
    bias = draw.number(0.5, 2),
    alpha = draw.number(0.1, 1),
    beta = draw.number(0.3, 1);
  return {
    inputs: [draw.input(image(draw, draw.integer(1, 5)), "float32", plain)],
    fn: (x) => tf.localResponseNormalization(x as tf.Tensor4D, radius, bias, alpha, beta),
    attributes: { radius, bias, alpha, beta },
    ...sums,
  };
};

const activations = ["linear", "relu", "relu6", "elu", "sigmoid"] as const;

const fusedMatMul: Rule = (draw) => {
  const activation = draw.oneOf(activations),
    [rows, inner, columns] = [draw.dim({ min: 1 }), draw.integer(1, 4), draw.integer(1, 4)];
  return {
    inputs: [
      draw.input([rows, inner], "float32", small),
      draw.input([inner, columns], "float32", small),
      draw.input([columns], "float32", small),
    ],
    fn: (a, b, bias) => tf.fused.matMul({ a: a!, b: b!, bias: bias!, activation }),
    attributes: { activation },
    ...sums,
  };
};

const fusedConv2d: Rule = (draw) => {
  const activation = draw.oneOf(activations), [inputs, outputs] = [draw.integer(1, 3), draw.integer(1, 3)];
  const strides = draw.integer(1, 2), pad = draw.oneOf(["same", "valid"]);
  return {
    inputs: [
      draw.input(image(draw, inputs, 3), "float32", small),
      draw.input([3, 2, inputs, outputs], "float32", small),
      draw.input([outputs], "float32", small),
    ],
    fn: (x, f, bias) =>
      tf.fused.conv2d({ x: x as tf.Tensor4D, filter: f as tf.Tensor4D, bias: bias!, strides, pad, activation }),
    attributes: { activation, strides, pad },
    ...sums,
  };
};

const fusedDepthwise: Rule = (draw) => {
  const activation = draw.oneOf(activations), channels = draw.integer(1, 3), strides = draw.integer(1, 2);
  return {
    inputs: [
      draw.input(image(draw, channels, 3), "float32", small),
      draw.input([3, 3, channels, 1], "float32", small),
      draw.input([channels], "float32", small),
    ],
    fn: (x, f, bias) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: f as tf.Tensor4D,
        bias: bias!,
        strides,
        pad: "same",
        activation,
      }),
    attributes: { activation, strides },
    ...sums,
  };
};

export const images: Rules = {
  batchNorm,
  batchToSpaceND: batchToSpace,
  depthToSpace,
  dilation2d: dilation,
  "fused.conv2d": fusedConv2d,
  "fused.depthwiseConv2d": fusedDepthwise,
  "fused.matMul": fusedMatMul,
  "image times numbers": scaledImage,
  "image.cropAndResize": cropAndResize,
  "image.flipLeftRight": flip,
  "image.resizeBilinear": resize(tf.image.resizeBilinear),
  "image.resizeNearestNeighbor": resize(tf.image.resizeNearestNeighbor),
  "image.rotateWithOffset": rotate,
  "image.transform": transform,
  localResponseNormalization: localResponse,
  spaceToBatchND: spaceToBatch,
};
