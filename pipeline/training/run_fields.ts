/**
 * The fields of the configuration that training uses, by meaning.
 *
 * @module
 */
import { type Configuration, type Field, fieldInfo } from "../configuration/fields.ts";
import { balanceFields } from "../configuration/fields/balance.ts";
import { recipeFields } from "../configuration/fields/recipe.ts";
import { earlierMeaning } from "../configuration/recorded.ts";
import { dataFields, pictureSettings } from "../run/paths.ts";
import { stemOf } from "../run/run_configuration.ts";

/** The parts of a recipe that are used only where they are named. A time becomes a number of epochs before a run begins. */
const recipeParts = ["stemFilters", ...Object.keys({ ...recipeFields, ...balanceFields })].filter((name) =>
  name !== "time"
) as (
  | "stemFilters"
  | keyof typeof recipeFields
  | Exclude<keyof typeof balanceFields, "time">
)[];

/** The fields that the weights depend on; a run can only be resumed with the same values. */
export const mathematics = [
  ...dataFields,
  "validation",
  "architecture",
  "depth",
  "width",
  "branches",
  "groups",
  "skip",
  "batchNorm",
  "stem",
  "shake",
  "sampling",
  "epochs",
  "batch",
  "learningRate",
  "schedule",
  "warmupEpochs",
  "restartEpochs",
  "restartFactor",
  "plateauFactor",
  "plateauEpochs",
  "momentum",
  "weightDecay",
  "augment",
  "shuffle",
  "seed",
  "init",
  ...recipeParts,
] as const satisfies readonly Field[];

/** The fields that decide how far a run goes, where it is computed and which files it writes. */
export const conduct = [
  "maxSteps",
  "logEvery",
  "checkpointEvery",
  "saveSeconds",
  "nonFinite",
  "tensorboard",
  "engine",
  "device",
  "syncBatchNorm",
] as const satisfies readonly Field[];

export const trainingFields = [
  "run",
  ...mathematics,
  ...conduct,
  "distributed",
  "rankTimeout",
  "threads",
  "runs",
  "cache",
] as const satisfies readonly Field[];

export type TrainingConfiguration = Pick<Configuration, typeof trainingFields[number]>;

/**
 * The values of the mathematics; those of pictures count for a folder of pictures alone. A part of a recipe that is not used is
 * left out, and so is a value with the meaning that runs had before there was its field: files are as they were before.
 */
export const mathematicsOf = (
  configuration: Pick<Configuration, typeof mathematics[number]>,
): Record<string, unknown> => {
  const unused: readonly Field[] = [
    ...(configuration.dataset === "folder" ? [] : pictureSettings),
    ...unusedParts(configuration),
  ];
  const resolved = { ...configuration, stem: `${stemOf(configuration)}` as const };
  const isCounted = (field: typeof mathematics[number]) =>
    !unused.includes(field) && !(field in earlierMeaning && resolved[field] === earlierMeaning[field]);
  return pick(resolved, mathematics.filter(isCounted));
};

/** The parts of a recipe that a configuration leaves at their defaults. */
const unusedParts = (configuration: Pick<Configuration, typeof recipeParts[number]>): Field[] =>
  recipeParts.filter((part) => configuration[part] === fieldInfo(part).initial);

/** A configuration without the parts of a recipe that it does not use. */
export function withoutUnusedParts(configuration: Configuration): Partial<Configuration> {
  const unused = [...unusedParts(configuration), ...(stemOf(configuration) === 1 ? ["stem"] : [])];
  return Object.fromEntries(Object.entries(configuration).filter(([field]) => !unused.includes(field as Field)));
}

/** The values of some fields. */
export const pick = <Picked extends Field>(
  configuration: Pick<Configuration, Picked>,
  fields: readonly Picked[],
): Record<string, unknown> => Object.fromEntries(fields.map((field) => [field, configuration[field]]));
