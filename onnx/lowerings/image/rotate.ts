/**
 * Images turned about a centre, and mirrored.
 *
 * @module
 */
import {
  backend_util,
  type FlipLeftRightInputs,
  type RotateWithOffsetAttrs,
  type RotateWithOffsetInputs,
} from "@tensorflow/tfjs";
import { TraceError } from "../../graph/trace_error.ts";
import { axisIn } from "../layouts.ts";
import { lowering } from "../lowering.ts";
import { END, layoutToMove, slice } from "../move_elements.ts";
import { isUnknown } from "../windows/windows.ts";

/** Opaque, in the channel of opacity, where the fill value is a colour. */
const OPAQUE = 255;

export const flipLeftRight = lowering<FlipLeftRightInputs>({
  infer: ({ image }) => image,
  lower({ inputs: { image }, output }, scope) {
    const layout = layoutToMove(scope, [image], true);
    const columns = { axis: axisIn(layout, 2), begin: -1, end: -END, step: -1 };
    scope.define(output, slice(scope, scope.name(image, layout), [columns]), layout);
  },
});

export const rotateWithOffset = lowering<RotateWithOffsetInputs, RotateWithOffsetAttrs>({
  infer: ({ image }) => image,
  lower({ inputs: { image }, attributes, output }, scope) {
    const { builder } = scope, [batch, height, width, channels] = image.shape as [number, number, number, number];
    if (isUnknown(height) || isUnknown(width)) {
      throw new TraceError("tf.image.rotateWithOffset of an image of unknown sides; fix their sizes");
    }
    const pixels = sources(height, width, attributes), { fillValue } = attributes;
    const flat = scope.reshape(scope.name(image), [batch, height * width, channels]);
    const turned = builder.node("Gather", [flat, builder.integers(pixels.map((pixel) => Math.max(0, pixel)))], {
      axis: 1,
    });
    const isInside = builder.constant(
      Uint8Array.from(pixels, (pixel) => Number(pixel >= 0)),
      [pixels.length, 1],
      "bool",
    );
    const fill = Float32Array.from({ length: channels }, (_, channel) => fillOf(fillValue, channel));
    const filled = builder.node("Where", [isInside, turned, builder.constant(fill, [channels], "float32")]);
    scope.define(output, scope.reshape(filled, image.shape));
  },
});

function fillOf(fillValue: RotateWithOffsetAttrs["fillValue"], channel: number): number {
  if (typeof fillValue === "number") return fillValue;
  return channel === 3 ? OPAQUE : fillValue[channel] ?? NaN;
}

/** The pixel of the image that each pixel of the result shows, or -1 beside it, as TensorFlow.js computes it. */
function sources(height: number, width: number, { radians, center }: RotateWithOffsetAttrs): number[] {
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width) as [number, number];
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  return Array.from({ length: height * width }, (_, at) => {
    const x = at % width - centerX, y = Math.floor(at / width) - centerY;
    const column = Math.round(x * cosine - y * sine + centerX), row = Math.round(x * sine + y * cosine + centerY);
    return column >= 0 && column < width && row >= 0 && row < height ? row * width + column : -1;
  });
}
