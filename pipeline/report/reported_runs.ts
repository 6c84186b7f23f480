/**
 * The runs that a report shows, read from their folders.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Configuration } from "../configuration/fields.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { networkOf } from "../run/run_configuration.ts";
import type { ReportedRun } from "./page.ts";
import { picturesOf } from "./pictures.ts";
import { readRun } from "./read_run.ts";

/** The fields that choose the runs and say where they and their data sets are. */
export const reportFields = ["run", "compare", "runs", "cache"] as const;
export type ReportOptions = Pick<Configuration, typeof reportFields[number]>;

/** The names of the run and of the runs to compare it with. */
export const comparedRuns = ({ run, compare }: Pick<Configuration, "run" | "compare">): [string, ...string[]] => [
  run,
  ...(compare?.split(",").map((name) => name.trim()).filter((name) => name !== "" && name !== run) ?? []),
];

/** Gives the data set of a run, or undefined if it is missing. */
export type DatasetSource = (configuration: Configuration) => Promise<Dataset | undefined>;

/** Reads the runs, and their pictures where the data set is there. */
export async function readRuns(
  options: ReportOptions,
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

/** The data set, or undefined if it is missing or damaged: a report without pictures is better than none. */
export async function loadIfThere(configuration: Configuration): Promise<Dataset | undefined> {
  try {
    return await loadDataset(configuration);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
