/** Convolutions per channel and of volumes, transposed convolutions, and poolings of volumes. */
import * as tf from "@tensorflow/tfjs";
import type { Draw } from "./draw.ts";
import type { Dim, Input } from "./input.ts";
import type { Rule, Rules } from "./rule.ts";

const numbers = { from: -1, to: 1, special: false };

interface Window {
  readonly taps: number[];
  readonly strides: number[];
  readonly pad: "same" | "valid" | number;
}

function drawWindow(draw: Draw, sides: number): Window {
  const taps = Array.from({ length: sides }, () => draw.integer(1, 3));
  const stride = draw.chance(0.5) ? 1 : 2;
  return { taps, strides: taps.map(() => stride), pad: draw.oneOf(["same", "same", "valid"]) };
}

const image = (draw: Draw, { taps }: Window, channels: number): Dim[] => [
  draw.dim({ min: 1, max: 2 }),
  ...taps.map((size) => draw.dim({ min: size, max: 6 })),
  channels,
];

const depthwiseConv2d: Rule = (draw) => {
  const window = drawWindow(draw, 2), channels = draw.integer(1, 3), multiplier = draw.integer(1, 2);
  return {
    inputs: [
      draw.input(image(draw, window, channels), "float32", numbers),
      draw.input([...window.taps, channels, multiplier], "float32", numbers),
    ],
    fn: (x, f) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, window.strides as [number, number], window.pad as "same"),
    attributes: window,
    tolerance: 1e-4,
    isSum: true,
  };
};

const separableConv2d: Rule = (draw) => {
  const window = drawWindow(draw, 2), channels = draw.integer(1, 3), outputs = draw.integer(1, 3);
  return {
    inputs: [
      draw.input(image(draw, window, channels), "float32", numbers),
      draw.input([...window.taps, channels, 2], "float32", numbers),
      draw.input([1, 1, 2 * channels, outputs], "float32", numbers),
    ],
    fn: (x, f, g) =>
      tf.separableConv2d(
        x as tf.Tensor4D,
        f as tf.Tensor4D,
        g as tf.Tensor4D,
        window.strides as [number, number],
        window.pad as "same",
      ),
    attributes: window,
    tolerance: 1e-4,
    isSum: true,
  };
};

const conv1d: Rule = (draw) => {
  const taps = draw.integer(1, 3),
    channels = draw.integer(1, 3),
    stride = draw.integer(1, 2),
    pad = draw.oneOf(["same", "valid"]);
  return {
    inputs: [
      draw.input([draw.dim({ min: 1 }), draw.dim({ min: taps }), channels], "float32", numbers),
      draw.input([taps, channels, draw.integer(1, 3)], "float32", numbers),
    ],
    fn: (x, f) => tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, stride, pad),
    attributes: { taps, stride, pad },
    tolerance: 1e-4,
    isSum: true,
  };
};

const conv2dTranspose: Rule = (draw) => {
  const stride = draw.integer(1, 2),
    taps = draw.integer(1, 3),
    [inputs, outputs] = [draw.integer(1, 3), draw.integer(1, 3)];
  const batch = draw.integer(1, 2), [height, width] = [draw.integer(1, 4), draw.integer(1, 4)];
  return {
    inputs: [
      draw.input([batch, height, width, inputs], "float32", numbers),
      draw.input([taps, taps, outputs, inputs], "float32", numbers),
    ],
    fn: (x, f) =>
      tf.conv2dTranspose(
        x as tf.Tensor4D,
        f as tf.Tensor4D,
        [batch, height * stride, width * stride, outputs],
        stride,
        "same",
      ),
    attributes: { stride, taps },
    tolerance: 1e-4,
    isSum: true,
  };
};

const conv3d: Rule = (draw) => {
  const window = drawWindow(draw, 3), channels = draw.integer(1, 2);
  return {
    inputs: [
      draw.input(image(draw, window, channels), "float32", numbers),
      draw.input([...window.taps, channels, draw.integer(1, 2)], "float32", numbers),
    ],
    fn: (x, f) =>
      tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, window.strides as [number, number, number], window.pad as "same"),
    attributes: window,
    tolerance: 1e-4,
    isSum: true,
  };
};

/** Numbers that differ by more than the step of central differences. */
function apart(draw: Draw, input: Input): Input {
  return {
    ...input,
    elements: (count) => Float32Array.from(draw.shuffled(Array.from({ length: count }, (_, at) => at / 16 - 1))),
  };
}

/** Some of the numbers replaced by NaN and infinities. */
function withSpecials(draw: Draw, input: Input): Input {
  const replaced = (x: number) => draw.chance(0.3) ? draw.oneOf([NaN, -Infinity, Infinity]) : x;
  return { ...input, elements: (count) => input.elements(count).map(replaced) };
}

/** The gradients of TensorFlow.js miss windows. */
const pooling3d = (fn: typeof tf.avgPool3d): Rule => (draw) => {
  const window = drawWindow(draw, 3), isExact = fn !== tf.avgPool3d && draw.chance(0.5);
  const numbers = apart(draw, draw.input(image(draw, window, draw.integer(1, 2))));
  return {
    inputs: [isExact ? withSpecials(draw, numbers) : numbers],
    specialValues: isExact ? "exact" : "fast",
    fn: (x) =>
      fn(
        x as tf.Tensor5D,
        window.taps as [number, number, number],
        window.strides as [number, number, number],
        window.pad as "same",
      ),
    attributes: window,
    gradient: "differences",
    tolerance: 1e-4,
    isSum: true,
  };
};

const maxPoolWithArgmax: Rule = (draw) => {
  const window = drawWindow(draw, 2), { specialValues, limits } = draw.specials();
  return {
    inputs: [draw.input(image(draw, window, draw.integer(1, 2)), "float32", limits)],
    specialValues,
    fn: (x) => {
      const { result, indexes } = tf.maxPoolWithArgmax(
        x as tf.Tensor4D,
        window.taps as [number, number],
        window.strides as [number, number],
        window.pad as "same",
      );
      return [result!, indexes!];
    },
    attributes: { ...window, specialValues },
  };
};

export const volumes: Rules = {
  avgPool3d: pooling3d(tf.avgPool3d),
  conv1d,
  conv2dTranspose,
  conv3d,
  depthwiseConv2d,
  maxPool3d: pooling3d(tf.maxPool3d),
  maxPoolWithArgmax,
  separableConv2d,
};
