/**
 * A rewrite: TensorFlow.js has no grouped convolution, so a function spells it as
 *
 *     concat(conv2d(split(x)[i], split(filter)[i]) for every i)
 *
 * along the channels. ONNX has one, which this makes of that: a kernel `GroupedConv2D` with inputs `x` and `filter`
 * [height, width, in / groups, out], and the attribute `groups` beside those of Conv2D.
 *
 * @module
 */
import { type Graph, type Kernel, type Value, withoutDeadKernels } from "../graph/graph.ts";

/** Of an image [batch, height, width, channels]. */
const isChannels = (axis: unknown) => axis === 3 || axis === -1;

/** The graph with grouped convolutions as single kernels. */
export function groupConvolutions(graph: Graph): Graph {
  const makers = new Map<Value, Kernel>(
    graph.kernels.flatMap((kernel) => kernel.outputs.map((value) => [value, kernel])),
  );
  const kernels = graph.kernels.map((kernel) => grouped(kernel, makers) ?? kernel);
  return kernels.every((kernel, at) => kernel === graph.kernels[at])
    ? graph
    : withoutDeadKernels({ ...graph, kernels });
}

function grouped(concat: Kernel, makers: ReadonlyMap<Value, Kernel>): Kernel | undefined {
  if (concat.name !== "Concat" || !isChannels(concat.attributes["axis"])) return undefined;
  const convolutions = Object.values(concat.inputs).map((value) => makers.get(value));
  const first = convolutions[0];
  if (convolutions.length < 2 || !convolutions.every((kernel) => kernel?.name === "Conv2D")) return undefined;
  const same = JSON.stringify(first!.attributes);
  if (convolutions.some((kernel) => JSON.stringify(kernel!.attributes) !== same)) return undefined;
  const x = splitValue(convolutions.map((kernel) => kernel!.inputs["x"]!), makers);
  const filter = splitValue(convolutions.map((kernel) => kernel!.inputs["filter"]!), makers);
  if (!x || x.constant || !filter) return undefined;
  const attributes = { ...first!.attributes, groups: convolutions.length };
  return { name: "GroupedConv2D", inputs: { x, filter }, attributes, outputs: concat.outputs };
}

/** The value whose equal parts along the channels these are, all of them and in their order. */
function splitValue(parts: readonly Value[], makers: ReadonlyMap<Value, Kernel>): Value | undefined {
  if (parts.some(({ shape }) => `${shape}` !== `${parts[0]!.shape}`)) return undefined;
  if (parts.every(({ constant }) => constant)) return joined(parts);
  const maker = makers.get(parts[0]!);
  const whole = maker?.name === "SplitV" && isChannels(maker.attributes["axis"]) &&
    maker.outputs.length === parts.length &&
    maker.outputs.every((value, at) => value === parts[at]);
  return whole ? maker.inputs["x"]! : undefined;
}

/** Constants along the channels, their last axis. */
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
