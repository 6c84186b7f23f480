/**
 * The report of a run, alone or beside others, as one page.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { isThere, writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Command } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { loadDataset } from "./preprocess.ts";
import { documentOf, type ReportedRun, reportOf } from "../report/page.ts";
import { picturesOf } from "../report/pictures.ts";
import { readRun, runFiles } from "../report/read_run.ts";
import { networkOf } from "../run/run_configuration.ts";
import { runStage } from "../run/stage_record.ts";

export const report: Command = {
  name: "report",
  fields: ["run", "compare", "runs", "cache"],
  async run(options, context) {
    const { report, reportRecord } = runPaths(options);
    const runs = comparedRuns(options);
    const files: string[] = [];
    for (const run of runs) {
      const { configuration } = await readRun({ ...options, run });
      files.push(...runFiles({ ...options, run }), datasetPaths(configuration).decoded);
    }
    const there = await Promise.all(files.map(isThere));
    const stage = {
      name: "report",
      record: reportRecord,
      settings: { runs },
      inputs: [...new Set(files.filter((_, at) => there[at]))],
      outputs: [report],
    };
    const upToDate = await runStage(stage, context, async () => {
      await writeFileAtomic(
        report,
        documentOf(`${runs.join(", ")} — ShakeNet`, await reportOf(await readRuns(options))),
      );
      context.log(`report: ${report}`);
    });
    return { runs, file: report, upToDate };
  },
};

/** The run and those to compare it with. */
export const comparedRuns = ({ run, compare }: Pick<Configuration, "run" | "compare">): [string, ...string[]] => [
  run,
  ...(compare?.split(",").map((name) => name.trim()).filter((name) => name !== "" && name !== run) ?? []),
];

/** Gives the data set of a run, or undefined if it is not there. */
export type DatasetSource = (configuration: Configuration) => Promise<Dataset | undefined>;

/** Reads what a report shows. */
export async function readRuns(
  options: Configuration,
  datasetOf: DatasetSource = loadIfThere,
): Promise<[ReportedRun, ...ReportedRun[]]> {
  const reported = async (run: string): Promise<ReportedRun> => {
    const data = await readRun({ ...options, run });
    const dataset = await datasetOf(data.configuration);
    const labels = dataset?.labels ?? data.evaluation?.classes.map(({ label }) => label) ?? [];
    const network = networkOf(data.configuration, { labels }).title;
    return { data, network, pictures: dataset && await picturesOf(data, dataset) };
  };
  const [first, ...others] = comparedRuns(options);
  const runs: [ReportedRun, ...ReportedRun[]] = [await reported(first)];
  for (const run of others) runs.push(await reported(run));
  return runs;
}

/** A report without pictures is better than none. */
export async function loadIfThere(configuration: Configuration): Promise<Dataset | undefined> {
  try {
    return await loadDataset(configuration);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
