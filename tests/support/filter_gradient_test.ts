import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { randomTensor, useCpu } from "./eager.ts";
import { filterGradientKernel } from "./filter_gradient.ts";

await useCpu();

type Shape4D = [number, number, number, number];
type Padding = Parameters<typeof tf.conv2d>[3];

const cases: Record<string, { x: Shape4D; filter: Shape4D; strides: [number, number]; pad: Padding }> = {
  "same padding": { x: [2, 5, 6, 3], filter: [3, 3, 3, 4], strides: [1, 1], pad: "same" },
  "a stride of an even side": { x: [2, 6, 8, 2], filter: [3, 3, 2, 5], strides: [2, 2], pad: "same" },
  "unequal strides without padding": { x: [3, 7, 9, 2], filter: [2, 3, 2, 2], strides: [2, 3], pad: "valid" },
  "padding by numbers": {
    x: [1, 4, 5, 2],
    filter: [3, 2, 2, 3],
    strides: [1, 2],
    pad: [[0, 0], [2, 1], [0, 1], [0, 0]],
  },
};

for (const [name, { x, filter, strides, pad }] of Object.entries(cases)) {
  Deno.test(`the gradient of a filter has the bits of TensorFlow.js's: ${name}`, () => {
    const image = randomTensor<tf.Rank.R4>(x, 1);
    const y = tf.conv2d(image, randomTensor<tf.Rank.R4>(filter, 2), strides, pad);
    const inputs = { x: image, dy: randomTensor(y.shape, 3) };
    const attrs = { strides, pad, dataFormat: "NHWC", filterShape: filter };
    const expected = tf.engine().runKernel("Conv2DBackpropFilter", inputs, attrs as unknown as tf.NamedAttrMap);
    const result = filterGradientKernel({ inputs, attrs: attrs as unknown as tf.NamedAttrMap, backend: tf.backend() });
    const { dataId, shape } = result as tf.TensorInfo;
    assert.deepEqual(shape, filter);
    assert.deepEqual(tf.backend().readSync(dataId), (expected as tf.Tensor).dataSync());
  });
}
