/**
 * Runs the grid of a table of the paper, each run in a folder of its own, and writes the table. Runs that are done are not
 * run again, so an experiment that was stopped goes on where it stood.
 *
 * @module
 */
import { writeFileAtomic } from "../data/files.ts";
import type { Command, Context } from "./command.ts";
import type { Configuration } from "./configuration.ts";
import { download } from "./download.ts";
import { evaluate, readEvaluation } from "./evaluate.ts";
import {
  type ExperimentName,
  experimentNames,
  experiments,
  experimentTable,
  type RowResult,
  rowResult,
} from "./experiments.ts";
import { runPaths } from "./paths.ts";
import { loadDataset, preprocess } from "./preprocess.ts";
import { networkOf } from "./run_configuration.ts";
import { train, trainStage } from "./train.ts";

export const experiment: Command = {
  name: "experiment",
  argument: { name: "EXPERIMENT", values: experimentNames },
  fields: [...new Set([...download.fields, ...preprocess.fields, ...train.fields, "seeds" as const])],
  async run(configuration, context) {
    const name = context.argument as ExperimentName;
    const { title, rows } = experiments[name];
    const folder = `${configuration.runs}/${configuration.run}-${name}`;
    await download.run(configuration, context);
    await preprocess.run(configuration, context);
    const size = await sizeOf(configuration);
    const errors = new Map<string, number[]>(rows.map(({ name }) => [name, []]));
    let done = 0;
    for (let seed = configuration.seed; seed < configuration.seed + configuration.seeds; seed++) {
      for (const row of rows) {
        context.signal.throwIfAborted();
        const run = `${row.name}-seed${seed}`;
        context.log(`experiment: run ${++done} of ${rows.length * configuration.seeds}, ${run}`);
        const ofRun = { ...configuration, ...row.settings, seed, run, runs: folder, checkpoint: "last" };
        errors.get(row.name)!.push(100 * (1 - await accuracyOf(ofRun, context)));
        const results = rows.filter(({ name }) => errors.get(name)!.length).map((row) =>
          rowResult(row, errors.get(row.name)!)
        );
        await writeTable(`${folder}/${name}`, title, size, results);
      }
    }
    context.print(await Deno.readTextFile(`${folder}/${name}.md`));
    return JSON.parse(await Deno.readTextFile(`${folder}/${name}.json`));
  },
};

/** Trains and evaluates, where that is not done yet; the last checkpoint counts, which nobody has chosen. */
async function accuracyOf(configuration: Configuration, context: Context): Promise<number> {
  await trainStage(configuration, { ...context, resume: true });
  await evaluate.run(configuration, { ...context, quiet: true, print() {} });
  return (await readEvaluation(configuration, runPaths(configuration).last)).accuracy;
}

async function writeTable(path: string, title: string, size: string, results: readonly RowResult[]): Promise<void> {
  await writeFileAtomic(`${path}.json`, JSON.stringify({ title, size, results }, null, 2) + "\n");
  await writeFileAtomic(`${path}.md`, experimentTable(title, size, results));
}

/** What was trained for how long, in a sentence. */
async function sizeOf(configuration: Configuration): Promise<string> {
  const dataset = await loadDataset(configuration);
  const { epochs, batch, learningRate, maxSteps } = configuration;
  const stopped = maxSteps === undefined ? "" : ` stopped after ${maxSteps} steps`;
  return `${
    networkOf(configuration, dataset).title
  } on ${dataset.name}, ${epochs} epochs of ${dataset.train.count} images${stopped}, ` +
    `batch ${batch}, learning rate ${learningRate}; error of the last checkpoint on ${dataset.test.count} test images.`;
}
