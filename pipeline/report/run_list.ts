/**
 * The list of all runs: data, network, accuracy, time and state of each.
 *
 * @module
 */
import { isFolderLocked } from "../../data/files/folder_lock.ts";
import { InputError } from "../../data/files/input_error.ts";
import { isThere } from "../../data/files/files.ts";
import { precisions } from "../../export/variants.ts";
import type { Configuration } from "../configuration/fields.ts";
import { RUN_NAME } from "../configuration/fields/field.ts";
import { epochsSinceBest } from "../run/best_validation.ts";
import { type RunPaths, runPaths } from "../run/paths.ts";
import { networkOf } from "../run/described_network.ts";
import { currentEvaluation } from "./outdated.ts";
import { readRun, type RunData, stepsDone } from "./read_run.ts";

/** A run that trains is `running`; one whose last step is not reached is `stopped`. */
export type RunState = "running" | "stopped" | "done" | "damaged";

export interface ListedRun {
  readonly run: string;
  readonly state: RunState;
  /** The reason why a damaged run cannot be read. */
  readonly error?: string;
  readonly dataset?: string;
  /** Title of the network. */
  readonly network?: string;
  readonly step?: number;
  /** Steps after which the run is done; undefined until it begins. */
  readonly steps?: number | undefined;
  readonly epochs?: number;
  /** Accuracy and loss on the test split, 0 to 1; undefined until it is evaluated. */
  readonly accuracy?: number | undefined;
  readonly loss?: number | undefined;
  /** The best accuracy on the validation split. */
  readonly validationAccuracy?: number | undefined;
  /** Seconds of training that are logged. */
  readonly seconds?: number;
  /** When it was trained last, ISO 8601. */
  readonly date?: string | undefined;
  /** The precisions of its exported models. */
  readonly exported?: readonly string[];
}

/** The runs in a folder, by name; a missing folder has none. */
export async function listRuns({ runs, cache }: Pick<Configuration, "runs" | "cache">): Promise<ListedRun[]> {
  const names: string[] = [];
  for (const { name, isFile } of await entriesOf(runs)) {
    if (!isFile && RUN_NAME.test(name) && await isThere(runPaths({ runs, run: name }).configuration)) names.push(name);
  }
  return await Promise.all(names.toSorted().map((run) => listedRun({ runs, run, cache })));
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new InputError(`${folder} cannot be listed: ${(error as Error).message}`);
  }
}

async function listedRun(place: Pick<Configuration, "runs" | "run" | "cache">): Promise<ListedRun> {
  const { run } = place, paths = runPaths(place);
  try {
    // A run that was trained again has the accuracy of its earlier weights no more.
    const known = await readRun(place), data = { ...known, evaluation: await currentEvaluation(known, paths) };
    return { run, state: await stateOf(data, paths), ...measuresOf(data), exported: await exportedOf(paths) };
  } catch (error) {
    if (error instanceof InputError) return { run, state: "damaged", error: error.message };
    throw error;
  }
}

async function stateOf(data: RunData, { folder }: RunPaths): Promise<RunState> {
  if (await isFolderLocked(folder)) return "running";
  const steps = data.sessions.at(-1)?.begin.steps;
  // Runs of older versions have no sessions.
  const isDone = steps === undefined ? data.epochs.length >= data.configuration.epochs : stepsDone(data) >= steps;
  return isDone || isOutOfPatience(data) ? "done" : "stopped";
}

/** Tells if `--patience` has ended the run. */
const isOutOfPatience = ({ epochs, configuration: { patience = Infinity, best } }: RunData): boolean =>
  epochsSinceBest(epochs, best) >= patience;

function measuresOf(data: RunData): Omit<ListedRun, "run" | "state"> {
  const { configuration, evaluation, epochs, sessions } = data;
  const last = sessions.at(-1);
  const validated = epochs.flatMap(({ validationAccuracy = NaN }) =>
    Number.isFinite(validationAccuracy) ? [validationAccuracy] : []
  );
  return {
    dataset: data.data?.name ?? configuration.dataset,
    network: networkOf(configuration, { labels: data.data?.labels ?? [] }).title,
    ...{ step: stepsDone(data), steps: last?.begin.steps, epochs: epochs.length },
    ...{ accuracy: evaluation?.accuracy, loss: evaluation?.loss },
    validationAccuracy: validated.length > 0 ? Math.max(...validated) : undefined,
    seconds: sessions.reduce((sum, { end }) => sum + (end?.seconds ?? 0), 0),
    date: last?.end?.time ?? last?.begin.time,
  };
}

async function exportedOf({ models }: RunPaths): Promise<string[]> {
  const there = await Promise.all(precisions.map((precision) => isThere(models[precision])));
  return precisions.filter((_, at) => there[at]);
}

/** The least comes first; a run without the measure comes last. */
const keys: Readonly<Record<NonNullable<Configuration["sort"]>, (run: ListedRun) => number | string | undefined>> = {
  name: ({ run }) => run,
  accuracy: ({ accuracy, validationAccuracy }) => negative(accuracy ?? validationAccuracy),
  loss: ({ loss }) => loss,
  time: ({ seconds }) => seconds,
  date: ({ date }) => date === undefined ? undefined : -Date.parse(date),
};

const negative = (value: number | undefined): number | undefined => value === undefined ? undefined : -value;

/** Sorts runs; those with the same key keep their order. */
export function sortedRuns(runs: readonly ListedRun[], order: NonNullable<Configuration["sort"]>): ListedRun[] {
  const key = keys[order];
  return runs.toSorted((a, b) => {
    const [first, second] = [key(a), key(b)];
    if (first === second) return 0;
    if (first === undefined) return 1;
    return second === undefined || first < second ? -1 : 1;
  });
}
