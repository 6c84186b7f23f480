/**
 * Runs the stages before a stage whose results are missing, so that any stage works on a fresh clone.
 *
 * @module
 */
import { catalogue } from "../../data/catalogue.ts";
import { isThere } from "../../data/files/files.ts";
import type { Command, Context } from "../cli/command.ts";
import { lateImports } from "../cli/import_late.ts";
import type { Configuration } from "../configuration/fields.ts";
import { datasetPaths, recordPaths, runPaths } from "../run/paths.ts";
import { withPictureSettings } from "../run/picture_settings.ts";

const late = lateImports(import.meta.url);

/** The stage before another one. */
interface Predecessor {
  readonly name: string;
  readonly load: () => Promise<Command>;
  /** Its results are missing, and it may make them. */
  readonly isMissing: (configuration: Configuration, context: Context) => Promise<boolean>;
  /** The configuration that it runs with, unless it is the stage's own. */
  readonly configurationOf?: (configuration: Configuration, context: Context) => Promise<Configuration>;
}

/** The pictures that `train` will ask for. */
const pictureConfiguration = (configuration: Configuration, context: Context): Promise<Configuration> =>
  withPictureSettings("train", configuration, runPaths(configuration), { ...context, log() {} });

/** The stage before training. */
const decoding: Predecessor = {
  name: "preprocess",
  load: async () => (await late<typeof import("./preprocess.ts")>("./preprocess.ts")).preprocess,
  isMissing: async (configuration, context) =>
    !await isThere(datasetPaths(await pictureConfiguration(configuration, context)).decoded),
  configurationOf: pictureConfiguration,
};

/** Keyed by the stage that needs the results. */
const predecessors: Readonly<Record<string, Predecessor>> = {
  preprocess: {
    name: "download",
    load: async () => (await late<typeof import("./download.ts")>("./download.ts")).download,
    isMissing: async ({ dataset, cache }) => {
      // Only drawn records need no network, which few tasks may use.
      if (dataset === "folder" || catalogue[dataset].archive) return false;
      const members = Object.values(recordPaths({ dataset, cache }).members);
      return !(await Promise.all(members.map(isThere))).every(Boolean);
    },
  },
  inspect: {
    name: "preprocess",
    load: async () => (await late<typeof import("./preprocess.ts")>("./preprocess.ts")).preprocess,
    // The pictures of a folder are inspected as they are.
    isMissing: async (configuration) =>
      configuration.dataset !== "folder" && !await isThere(datasetPaths(configuration).decoded),
  },
  train: decoding,
  "find-rate": decoding,
  evaluate: {
    name: "train",
    load: async () => (await late<typeof import("./train.ts")>("./train.ts")).train,
    // A run that is named is expected to be there: a typing error must not train a network.
    isMissing: async (configuration, { given }) =>
      !given?.has("run") && !await isThere(runPaths(configuration).configuration),
  },
  export: {
    name: "evaluate",
    load: async () => (await late<typeof import("./evaluate.ts")>("./evaluate.ts")).evaluate,
    isMissing: async (configuration, context) => {
      const { configuration: trained, evaluation } = runPaths(configuration);
      if (configuration.what !== "model" || await isThere(evaluation)) return false;
      return await isThere(trained) || await predecessors["evaluate"]!.isMissing(configuration, context);
    },
  },
};

/** Runs the missing stages before a stage, the earliest first, and says so; a command that is no stage needs none. */
export async function runMissingStages(stage: string, configuration: Configuration, context: Context): Promise<void> {
  const before = Object.hasOwn(predecessors, stage) ? predecessors[stage] : undefined;
  if (!before || !await before.isMissing(configuration, context)) return;
  context.log(`${stage}: ${before.name} has not run yet, so it runs first`);
  await runMissingStages(before.name, configuration, context);
  const command = await before.load();
  await command.run(await before.configurationOf?.(configuration, context) ?? configuration, {
    ...context,
    force: false,
    resume: false,
  });
}
