/**
 * Prints the graph of a ShakeNet as it is traced, and again after each pass that changes it, with the number of kernels and
 * how often each rule applied.
 *
 *     deno task graph [--of step|inference] [--depth 8] [--width 16] [--branches 2] [--batch 2] [--counts]
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { parseArgs } from "#parse-args";
import { tensorsOf } from "../export/inference_model.ts";
import { mergedLogits } from "../export/merge.ts";
import { trainingStep } from "../model/training_step.ts";
import { applyPass, formatGraph, type Graph, type Pass, passes, trace } from "../onnx/internal.ts";
import { type BenchedNetwork, benchedNetwork, imageShape } from "./benched_network.ts";

const { values } = parseArgs({
  options: {
    of: { type: "string", default: "step" },
    depth: { type: "string", default: "8" },
    width: { type: "string", default: "16" },
    branches: { type: "string", default: "2" },
    batch: { type: "string", default: "2" },
    counts: { type: "boolean", default: false },
  },
});

/** The functions that can be traced, by the value of `--of`. */
const graphs: Readonly<Record<string, (network: BenchedNetwork) => Graph>> = {
  step: stepGraph,
  inference: inferenceGraph,
};

const traced = graphs[values.of];
if (!traced) {
  console.error(`--of ${values.of} is unknown; choose ${Object.keys(graphs).join(" or ")}`);
  Deno.exit(2);
}
tf.enableProdMode();
print(traced(benchedNetwork(values)));

function print(traced: Graph): void {
  console.log(`# traced: ${traced.kernels.length} kernels`);
  if (!values.counts) console.log(formatGraph(traced));
  let graph = traced;
  for (const pass of passes) {
    const { counted, applications } = counting(pass);
    const before = graph.kernels.length;
    graph = applyPass(graph, counted);
    console.log(`\n# ${pass.name}: ${before} kernels -> ${graph.kernels.length}`);
    for (const { name, formula } of pass.rules) {
      console.log(`#   ${String(applications.get(name) ?? 0).padStart(4)} x ${name}: ${formula}`);
    }
    if (applications.size && !values.counts) console.log(formatGraph(graph));
  }
}

/** Wraps the rules of a pass so that they count how often they apply. */
function counting(pass: Pass): { readonly counted: Pass; readonly applications: ReadonlyMap<string, number> } {
  const applications = new Map<string, number>();
  const rules = pass.rules.map((rule) => ({
    ...rule,
    replace(...[match, kernel]: Parameters<typeof rule.replace>) {
      applications.set(rule.name, (applications.get(rule.name) ?? 0) + 1);
      return rule.replace(match, kernel);
    },
  }));
  return { counted: { ...pass, rules }, applications };
}

function stepGraph({ net, state: initial }: BenchedNetwork): Graph {
  const batch = Number(values.batch), factors = { shape: [net.blocks.length, net.branches, batch] };
  const state = Object.entries(initial).map(([name, { shape }]) => [name, { shape }] as const);
  return trace(trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }), {
    ...Object.fromEntries(state),
    images: { shape: [batch, ...imageShape] },
    labels: { shape: [batch], dtype: "int32" },
    alpha: factors,
    beta: factors,
    learningRate: { shape: [] },
  });
}

function inferenceGraph({ net, state }: BenchedNetwork): Graph {
  const [height, width, channels] = imageShape;
  return trace(({ image }) => {
    const logits = mergedLogits(net, tensorsOf(state), tf.transpose(image as tf.Tensor4D, [0, 2, 3, 1]));
    return { logits, probabilities: tf.softmax(logits) };
  }, { image: { shape: [null, channels, height, width] } });
}
