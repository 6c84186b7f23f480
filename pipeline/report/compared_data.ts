/**
 * Says whether runs that are compared were trained on the same data.
 *
 * @module
 */
import { shortened } from "../configuration/printable.ts";
import { identityText } from "../run/data_identity.ts";
import { dataFields } from "../run/paths.ts";
import type { RunData } from "./read_run.ts";

type ComparedRun = Pick<RunData, "name" | "configuration" | "data">;

/** A sentence about the differences in the data of runs, or undefined if all have the same. */
export function dataWarning(runs: readonly ComparedRun[]): string | undefined {
  if (isOne(runs, dataKey)) return undefined;
  const consequence = isOne(runs, testKey)
    ? "their test images are the same"
    : "their accuracies and losses are of different test images and do not compare";
  const listed = runs.map((run) => `${shortened(run.name)} (${dataText(run)})`);
  return `These runs were trained on different data, and ${consequence}: ${listed.join("; ")}.`;
}

/** Runs of older versions have not recorded their data; the fields that name it stand in. */
const dataKey = ({ data, configuration }: ComparedRun): string =>
  data?.digest ?? JSON.stringify(dataFields.map((field) => configuration[field]));

const testKey = (run: ComparedRun): string =>
  run.data ? JSON.stringify([run.data.labels, run.data.imageShape, run.data.test]) : dataKey(run);

const dataText = ({ data, configuration }: ComparedRun): string => data ? identityText(data) : configuration.dataset;

const isOne = (runs: readonly ComparedRun[], key: (run: ComparedRun) => string): boolean =>
  new Set(runs.map(key)).size === 1;
