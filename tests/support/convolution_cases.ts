/** Convolutions of all kinds of sides, filters, strides and padding. */
import * as tf from "@tensorflow/tfjs";
import { type Case, image } from "./lowering_cases.ts";
import { randomArray } from "./random_tensors.ts";

interface Convolution {
  /** Side of the filter. */
  readonly size: number;
  /** Default: 1. */
  readonly stride?: number;
  /** Default: same. */
  readonly pad?: "same" | "valid" | number;
  /** The images. Default: {@linkcode image}. */
  readonly shape?: readonly number[];
  /** Default: 4. */
  readonly filters?: number;
}

export const convolutions: Readonly<Record<string, Convolution>> = {
  "3 x 3": { size: 3 },
  "stride 2, odd sides, pads bottom and right": { size: 3, stride: 2 },
  "stride 2, even sides": { size: 3, stride: 2, shape: [2, 8, 6, 3] },
  "valid, even filter": { size: 2, pad: "valid" },
  "padded by a number": { size: 2, pad: 1 },
  "stride 2, padded by a number": { size: 3, stride: 2, pad: 1 },
  "even filter, padded at the end": { size: 2 },
  "a filter larger than the image": { size: 7 },
  "single pixels": { size: 1 },
  "single pixels, stride 2": { size: 1, stride: 2, pad: "valid" },
  "blocked": { size: 3, shape: [2, 5, 4, 16], filters: 32 },
  "blocked, stride 2": { size: 3, stride: 2, shape: [2, 6, 4, 16], filters: 32 },
  "blocked, 5 x 5, stride 2": { size: 5, stride: 2, pad: 2, shape: [2, 8, 6, 16], filters: 16 },
  "blocked, stride 3": { size: 3, stride: 3, shape: [2, 6, 6, 16], filters: 16 },
  "blocked, single pixels": { size: 1, shape: [2, 5, 4, 16], filters: 32 },
  "blocked, single pixels, stride 2": { size: 1, stride: 2, shape: [2, 6, 4, 16], filters: 16 },
  "blocked, few channels": { size: 3, shape: [2, 5, 4, 3], filters: 16 },
  "blocked, few filters": { size: 3, shape: [2, 5, 4, 32], filters: 3 },
};

const forward = ({ stride = 1, pad = "same" }: Convolution) => (x: tf.Tensor, f: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride, pad);

const shapesOf = ({ size, shape = image, filters = 4 }: Convolution) => [shape, [size, size, shape[3]!, filters]];

const every = (caseOf: (convolution: Convolution) => Case): Record<string, Case> =>
  Object.fromEntries(Object.entries(convolutions).map(([name, convolution]) => [name, caseOf(convolution)]));

const randomTensor = (shape: number[]) => tf.tensor(randomArray(shape, 7), shape);

/** The convolutions. */
export const convolved = every((convolution) => ({ fn: forward(convolution), shapes: shapesOf(convolution) }));

/** The gradients of one operand, 0 the image or 1 the filter, for a random gradient of the result. */
export const gradientCases = (operand: 0 | 1): Record<string, Case> => every((c) => gradientOf(operand, c));

export function gradientOf(operand: 0 | 1, convolution: Convolution): Case {
  const convolve = forward(convolution);
  return {
    fn: (x, f) => {
      const dy = randomTensor(convolve(x!, f!).shape);
      return operand === 0 ? tf.grad((x) => convolve(x, f!))(x!, dy) : tf.grad((f) => convolve(x!, f))(f!, dy);
    },
    shapes: shapesOf(convolution),
  };
}

/** The gradient of an image whose ReLU two convolutions read; their gradients and that of a square meet there. */
export function meetingGradients({ size, stride = 1, shape = image, filters = 4 }: Convolution): Case {
  const filter = [size, size, shape[3]!, filters];
  return {
    fn: (x, f, g) =>
      tf.grad((x) => {
        const [one, other] = [f!, g!].map((filter) => {
          const y = tf.conv2d(tf.relu(x) as tf.Tensor4D, filter as tf.Tensor4D, stride, "same");
          return y.mul(randomTensor(y.shape)).sum();
        });
        return one!.add(tf.square(x).sum()).add(other!);
      })(x!),
    shapes: [shape, filter, filter],
    from: (x) => x / 4,
  };
}
