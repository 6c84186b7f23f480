import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { conv2d, groupedConv2d } from "../../model/layers.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";

await useCpu();

const pass = (values: tf.NamedTensorMap) => ({ training: false, values, statistics: {} });

Deno.test("a grouped convolution is a convolution whose filter is zero between groups", () => {
  const [inFilters, filters, groups] = [4, 6, 2];
  const kernel = randomTensor<tf.Rank.R4>([3, 3, inFilters / groups, filters], 1);
  const x = randomTensor<tf.Rank.R4>([2, 5, 4, inFilters], 2);
  const dense = tf.buffer([3, 3, inFilters, filters]);
  for (const [row, rows] of kernel.arraySync().entries()) {
    for (const [column, columns] of rows.entries()) {
      for (const [input, outputs] of columns.entries()) {
        for (const [output, value] of outputs.entries()) {
          const group = Math.floor(output / (filters / groups));
          dense.set(value, row, column, group * inFilters / groups + input, output);
        }
      }
    }
  }
  const layer = groupedConv2d("c", 3, inFilters, filters, groups, 2);
  assert.deepEqual(layer.variables[0]!.shape, kernel.shape);
  const expected = tf.conv2d(x, dense.toTensor() as tf.Tensor4D, 2, "same");
  assertClose(layer.apply(x, pass({ "c/kernel": kernel })).dataSync(), expected.dataSync(), 1e-5);
});

Deno.test("a convolution of stride 2 on an even side pads at the bottom and right only", () => {
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 4, 4, 1]);
  const y = conv2d("c", 3, 1, 1, 2).apply(image, pass({ "c/kernel": tf.ones([3, 3, 1, 1]) }));
  // Windows at rows and columns 0 and 2: the sums of 3x3, 3x2, 2x3 and 2x2 pixels.
  assert.deepEqual([...y.dataSync()], [54, 45, 72, 54]);
});
