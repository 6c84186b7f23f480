/**
 * Kernels that choose among boxes.
 *
 * @module
 */
import type { NonMaxSuppressionV4Attrs, NonMaxSuppressionV4Inputs } from "@tensorflow/tfjs";
import { isDynamic } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType } from "../file/encode.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { END } from "./move_elements.ts";

/**
 * The largest float32 below a positive one. TensorFlow.js drops a box whose overlap is at least the threshold, ONNX one whose
 * overlap is above it.
 */
function below(x: number): number {
  const bits = new Int32Array(Float32Array.of(x).buffer);
  bits[0]!--;
  return new Float32Array(bits.buffer)[0]!;
}

/** With a threshold of 0 every other box overlaps enough to be dropped. */
const limits = ({ maxOutputSize, iouThreshold }: NonMaxSuppressionV4Attrs) =>
  iouThreshold === 0
    ? { count: Math.min(maxOutputSize, 1), overlap: 1 }
    : { count: maxOutputSize, overlap: below(iouThreshold) };

/** The indices of the boxes, padded by zeros, and their number. */
const nonMaxSuppression = lowering<NonMaxSuppressionV4Inputs, NonMaxSuppressionV4Attrs>({
  infer(_, { maxOutputSize, padToMaxOutputSize }) {
    if (!padToMaxOutputSize) {
      throw new TraceError(
        "how many boxes stay depends on their scores; call tf.image.nonMaxSuppressionPadded with padding",
      );
    }
    return [{ shape: [maxOutputSize], dtype: "int32" }, { shape: [], dtype: "int32" }];
  },
  lower({ inputs: { boxes, scores }, attributes, outputs: [indices, valid] }, scope) {
    if (isDynamic(boxes.shape[0]!)) {
      throw new TraceError("tf.image.nonMaxSuppressionPadded of an unknown number of boxes");
    }
    const { builder } = scope, { maxOutputSize, scoreThreshold } = attributes, { count, overlap } = limits(attributes);
    const selected = builder.node("NonMaxSuppression", [
      builder.node("Unsqueeze", [scope.name(boxes), builder.integers([0])]),
      builder.node("Unsqueeze", [scope.name(scores), builder.integers([0, 1])]),
      builder.integers([count]),
      builder.scalar(overlap),
      builder.scalar(scoreThreshold),
    ]);
    const int32 = { to: elementType.int32 };
    const [first, end, axis] = [2, END, 1].map((number) => builder.integers([number]));
    const column = builder.node("Slice", [selected, first!, end!, axis!]);
    const chosen = builder.node("Cast", [builder.node("Reshape", [column, builder.integers([-1])])], int32);
    const none = builder.constant(new Int32Array(maxOutputSize), [maxOutputSize], "int32");
    const padded = builder.node("Concat", [chosen, none], { axis: 0 });
    const [start, length] = [0, maxOutputSize].map((number) => builder.integers([number]));
    scope.define(indices!, builder.node("Slice", [padded, start!, length!]));
    scope.define(valid!, builder.node("Cast", [builder.node("Size", [chosen])], int32));
  },
});

export const boxLowerings = {
  NonMaxSuppressionV4: nonMaxSuppression,
} satisfies Record<string, KernelLowering>;
