import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../../../../onnx/file/generated/onnx_pb.ts";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { gradientOf, meetingGradients } from "../../../support/convolution_cases.ts";
import type { SpecialValues } from "../../../../onnx/lowerings/layout_scope.ts";
import { type Case, convolve, testLowerings } from "../../../support/lowering_cases.ts";

const small = (tested: Case): Case => ({ ...tested, from: (x) => x / 8 });

/** Channels and rows that suit it. */
const forward: Case = small({ fn: (x, f) => convolve(x!, f!), shapes: [[2, 8, 5, 64], [3, 3, 64, 80]] });
const backward = { size: 3, shape: [2, 8, 5, 80], filters: 64 };

testLowerings(["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput", "SumOfConv2DBackpropInput"], {
  "Conv2D in tiles of rows": forward,
  "the gradient of the image in tiles of rows": small(gradientOf(0, backward)),
  "the gradient of the filter in tiles of rows": small(gradientOf(1, backward)),
  "a sum of two gradients in tiles of rows": meetingGradients({ size: 3, shape: [2, 8, 5, 64], filters: 64 }),
});

/** The filter shapes of the convolutions of a model for blocks of 16. */
function filterShapes(height: number, channels: number, specialValues: SpecialValues = "fast"): string[] {
  const inputs = { x: { shape: [2, height, 5, channels] }, f: { shape: [3, 3, channels, channels] } };
  const model = toOnnx(trace(({ x, f }) => ({ y: convolve(x!, f!) }), inputs), { block: 16, specialValues });
  const nodes = fromBinary(ModelProtoSchema, model).graph!.node.filter(({ opType }) => opType === "Conv");
  return nodes.map(({ attribute }) => `${attribute.find(({ name }) => name === "kernel_shape")!.ints}`);
}

Deno.test("a convolution of 3 x 3 becomes six products of single rows", () => {
  assert.equal(filterShapes(8, 64).filter((shape) => shape === "1,3").length, 6);
});

Deno.test("rows that fill no tiles, and few channels, are convolved as they are", () => {
  assert.deepEqual(filterShapes(6, 64), ["3,3"]);
  assert.deepEqual(filterShapes(8, 32), ["3,3"]);
});

Deno.test("exact special values are convolved as they are: sums of windows would spread them", () => {
  assert.deepEqual(filterShapes(8, 64, "exact"), ["3,3"]);
});

/** The attributes of the convolutions in the gradients of an image and of a filter. */
function gradientConvolutions(channels: number, block: number): Record<string, readonly number[]>[] {
  const image = { shape: [2, 8, 5, channels] };
  const model = toOnnx(
    trace(({ x, f, dy }) => {
      const [dx, df] = tf.grads((x, f) => convolve(x, f))([x!, f!], dy!);
      return { dx: dx!, df: df! };
    }, { x: image, f: { shape: [3, 3, channels, channels] }, dy: image }),
    { block },
  );
  const nodes = fromBinary(ModelProtoSchema, model).graph!.node.filter(({ opType }) => opType === "Conv");
  return nodes.map(({ attribute }) => Object.fromEntries(attribute.map(({ name, ints }) => [name, ints.map(Number)])));
}

/** Counts the products over the batch, whose windows have three sides. */
const productsOverBatch = (channels: number, block: number) =>
  gradientConvolutions(channels, block).filter(({ kernel_shape: shape }) => shape!.length === 3).length;

Deno.test("the gradients of image and filter read the same combinations of the gradient's rows", () => {
  const ofTiles = gradientConvolutions(64, 16).filter(({ strides }) => strides?.[0] === 4);
  // Six of the gradient and six of the image.
  assert.equal(ofTiles.length, 12);
});

Deno.test("the gradient of a filter becomes six products at 64 channels, and at 32 where blocks are wide", () => {
  assert.equal(productsOverBatch(64, 8), 6);
  assert.equal(productsOverBatch(32, 16), 6);
  assert.equal(productsOverBatch(32, 8), 1);
});
