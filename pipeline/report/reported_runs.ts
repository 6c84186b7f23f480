/**
 * The runs that a report shows, read from their folders.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Configuration } from "../configuration/fields.ts";
import { runPaths } from "../run/paths.ts";
import { networkOf } from "../run/described_network.ts";
import { loadRunData } from "../run/run_data.ts";
import { withoutOutdated } from "./outdated.ts";
import type { ReportedRun } from "./page.ts";
import { picturesOf } from "./pictures.ts";
import { readRun, type RunData } from "./read_run.ts";

/** The fields that choose the runs and say where they and their data sets are. */
export const reportFields = ["run", "compare", "runs", "cache"] as const;
export type ReportOptions = Pick<Configuration, typeof reportFields[number]>;

/** The names of the run and of the runs to compare it with. */
export const comparedRuns = ({ run, compare }: Pick<Configuration, "run" | "compare">): [string, ...string[]] => [
  run,
  ...(compare?.split(",").map((name) => name.trim()).filter((name) => name !== "" && name !== run) ?? []),
];

/** The data set of a run, or the reason why there is none. */
export type Found = { readonly dataset: Dataset } | { readonly missing: string };
export type DatasetSource = (run: RunData, options: ReportOptions) => Promise<Found>;

/** Reads the runs, and their pictures where the data set that they were trained on is there. */
export async function readRuns(
  options: ReportOptions,
  datasetOf: DatasetSource = findDataset,
): Promise<[ReportedRun, ...ReportedRun[]]> {
  const reported = async (run: string): Promise<ReportedRun> => {
    const { data, notes } = await withoutOutdated(await readRun({ ...options, run }), runPaths({ ...options, run }));
    const found = await datasetOf(data, options);
    const dataset = "dataset" in found ? found.dataset : undefined;
    const labels = dataset?.labels ?? data.evaluation?.classes.map(({ label }) => label) ?? [];
    const network = networkOf(data.configuration, { labels }).title;
    return {
      ...{ data, network, pictures: dataset && await picturesOf(data, dataset) },
      notes: [...notes, ...("missing" in found ? [found.missing] : [])],
    };
  };
  const [first, ...others] = comparedRuns(options);
  const runs: [ReportedRun, ...ReportedRun[]] = [await reported(first)];
  for (const run of others) runs.push(await reported(run));
  return runs;
}

/** The data set of a run; a report without pictures is better than none, and than one with pictures of other data. */
export async function findDataset({ name, configuration }: RunData, { runs }: ReportOptions): Promise<Found> {
  try {
    return { dataset: await loadRunData(runPaths({ runs, run: name }), configuration) };
  } catch (error) {
    if (error instanceof InputError) return { missing: `Without pictures: ${error.message}.` };
    throw error;
  }
}
