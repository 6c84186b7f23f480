/**
 * A pass that finds grouped convolutions. TensorFlow.js has none, so a function splits the channels and concatenates the
 * convolutions of the parts. ONNX has one: the kernel `GroupedConv2D` with inputs `x` and `filter`
 * [height, width, in / groups, out], and the attribute `groups` besides those of Conv2D.
 *
 * @module
 */
import { exactJson } from "../graph/exact_json.ts";
import type { Attributes, Kernel, Value } from "../graph/graph.ts";
import { type GraphView, type Pass, rule } from "./rewrite.ts";
import { call } from "./term.ts";

export const groupConvolutions: Pass = {
  name: "group convolutions",
  rules: [
    rule({
      name: "convolutions of split channels",
      formula: "concat(conv(split(x)[i], split(f)[i]) for every i) = groupedConv(x, f)",
      kernels: ["Concat"],
      match: splitConvolutions,
      replace: ({ x, filter, attributes }, { outputs }) =>
        call("GroupedConv2D", { x, filter }, outputs[0]!, attributes),
    }),
  ],
};

interface GroupedConvolution {
  readonly x: Value;
  readonly filter: Value;
  readonly attributes: Attributes;
}

function splitConvolutions(concat: Kernel, graph: GraphView): GroupedConvolution | undefined {
  if (!isAlongChannels(concat)) return undefined;
  const convolutions = Object.values(concat.inputs).map((value) => graph.producer(value));
  const first = convolutions[0];
  if (convolutions.length < 2 || !convolutions.every(isOfNhwcImages)) return undefined;
  const same = exactJson(first!.attributes);
  if (convolutions.some((kernel) => exactJson(kernel!.attributes) !== same)) return undefined;
  const x = unsplit(convolutions.map((kernel) => kernel!.inputs["x"]!), graph);
  const filter = unsplit(convolutions.map((kernel) => kernel!.inputs["filter"]!), graph);
  if (!x || x.constant || !filter) return undefined;
  return { x, filter, attributes: { ...first!.attributes, groups: convolutions.length } };
}

const isOfNhwcImages = (kernel: Kernel | undefined): boolean =>
  kernel?.name === "Conv2D" && kernel.attributes["dataFormat"] !== "NCHW";

/** Finds the value that was split along its channels into these parts of equal size; constants are joined. */
function unsplit(parts: readonly Value[], graph: GraphView): Value | undefined {
  if (parts.some(({ shape }) => `${shape}` !== `${parts[0]!.shape}`)) return undefined;
  if (parts.every(({ constant }) => constant)) return joined(parts);
  const split = graph.producer(parts[0]!);
  const isWhole = split?.name === "SplitV" && isAlongChannels(split) && split.outputs.length === parts.length &&
    split.outputs.every((value, at) => value === parts[at]);
  return isWhole ? split.inputs["x"]! : undefined;
}

/** Images are [batch, height, width, channels]. */
const isAlongChannels = ({ attributes: { axis } }: Kernel): boolean => axis === 3 || axis === -1;

/** Concatenates constants along their last axis. */
function joined(parts: readonly Value[]): Value {
  const { shape, dtype } = parts[0]!;
  const run = shape.at(-1)!, rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const constant = new Float32Array(rows * run * parts.length);
  for (let row = 0; row < rows; row++) {
    parts.forEach((part, at) => {
      const data = part.constant!.subarray(row * run, (row + 1) * run);
      constant.set(data, (row * parts.length + at) * run);
    });
  }
  return { shape: [...shape.slice(0, -1), run * parts.length], dtype, constant };
}
