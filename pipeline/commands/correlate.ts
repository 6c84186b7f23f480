/**
 * How alike the branches of a trained network are: the correlation of their outputs on the test split, block by block
 * (Gastaldi 2017, section 3.3 and its figure of residual branches).
 *
 * @module
 */
import { batchesInOrder } from "../../data/batches.ts";
import { writeFileAtomic } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import { branchMoments, meanCorrelation, mergedMoments, type Moments } from "../../model/branch_moments.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import { inferenceInputs } from "../evaluation/classifier.ts";
import type { Command, Context } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { drawFigure } from "../report/draw_figure.ts";
import { runPaths } from "../run/paths.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { startProgress } from "../cli/progress.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";

/** Correlations of a run as they are written. */
export interface BranchCorrelation {
  readonly run: string;
  readonly network: string;
  readonly shake: string;
  readonly dataset: string;
  readonly images: number;
  readonly blocks: readonly { readonly block: string; readonly correlation: number }[];
}

const BATCH = 100;

export const correlate: Command = {
  name: "correlate",
  fields: ["run", "compare", "checkpoint", "engine", "device", "threads", "runs", "cache"],
  async run(options, context) {
    const { engine, reason } = await selectEngine(options.engine, options);
    context.log(`engine: ${engine.description} (${reason})`);
    const runs = [options.run, ...(options.compare?.split(",") ?? [])];
    const correlations: BranchCorrelation[] = [];
    for (const run of runs) correlations.push(await correlationOf({ ...options, run }, engine, context));
    using _lock = await lockFolder(runPaths(options).folder, "deno task correlate");
    const { branchCorrelation, branchCorrelationFigure } = runPaths(options);
    await writeFileAtomic(branchCorrelation, JSON.stringify(correlations, null, 2) + "\n");
    await writeFileAtomic(branchCorrelationFigure, await drawCorrelations(correlations));
    for (const { run, blocks } of correlations) {
      for (const { block, correlation } of blocks) context.print(`${run} ${block} ${correlation.toFixed(3)}`);
    }
    context.log(`correlate: ${branchCorrelationFigure}`);
    return { runs: correlations, file: branchCorrelation, figure: branchCorrelationFigure };
  },
};

async function correlationOf(options: Configuration, engine: Engine, context: Context): Promise<BranchCorrelation> {
  const configuration = { ...await readRunConfiguration(options), cache: options.cache };
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  const { state } = await readCheckpoint(checkpointPath(options), net, trainFirst(options));
  const program = await engine.compile(branchMoments(net), inferenceInputs(net, dataset.imageShape));
  const tensors = uploadAll(engine, state);
  const { count: total } = dataset.test;
  const progress = startProgress({ label: `correlate ${options.run}`, total, unit: "images" }, context);
  let moments: Moments[] | undefined, done = 0;
  try {
    for (const { images, count } of batchesInOrder(dataset, dataset.test, BATCH)) {
      context.signal.throwIfAborted();
      const input = engine.upload({ shape: [count, ...dataset.imageShape], data: images });
      const outputs = await program.run({ ...tensors, images: input });
      const [mean, covariance] = await Promise.all([outputs["mean"]!.read(), outputs["covariance"]!.read()]);
      disposeAll({ ...outputs, input });
      const { branches } = net;
      const row = (data: ArrayLike<number>, at: number) => Array.from(data).slice(at * branches, (at + 1) * branches);
      const ofBatch = net.blocks.map((_, block): Moments => ({
        count,
        mean: row(mean.data, block),
        covariance: Array.from({ length: branches }, (_, branch) => row(covariance.data, block * branches + branch)),
      }));
      moments = moments?.map((before, block) => mergedMoments(before, ofBatch[block]!)) ?? ofBatch;
      progress.update(done += count);
    }
  } finally {
    progress.stop();
    disposeAll(tensors);
    await program.dispose();
  }
  return {
    run: options.run,
    network: net.title,
    shake: configuration.shake,
    dataset: dataset.name,
    images: total,
    blocks: net.blocks.map(({ name }, block) => ({ block: name, correlation: meanCorrelation(moments![block]!) })),
  };
}

/** Width of a block's bars, and the least width of the figure, in pixels. */
const BLOCK_WIDTH = 48, LEAST_WIDTH = 440;

const legend = { orient: "bottom", columns: 1, labelLimit: 400 } as const;

const drawCorrelations = (correlations: readonly BranchCorrelation[]): Promise<string> =>
  drawFigure({
    title: `Correlation of the branches of a block, ${correlations[0]!.dataset}`,
    data: {
      values: correlations.flatMap(({ run, shake, blocks }) =>
        blocks.map(({ block, correlation }) => ({ run: `${run} (${shake})`, block, correlation }))
      ),
    },
    width: Math.max(LEAST_WIDTH, BLOCK_WIDTH * correlations[0]!.blocks.length),
    height: 260,
    padding: 16,
    mark: "bar",
    encoding: {
      x: { field: "block", type: "nominal", sort: null, title: null, axis: { labelAngle: -40 } },
      xOffset: { field: "run", sort: null },
      y: { field: "correlation", type: "quantitative", title: "correlation" },
      color: { field: "run", type: "nominal", sort: null, title: null, legend },
    },
  });
