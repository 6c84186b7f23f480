/**
 * Resolves the configuration of a command: defaults, then the preset, then the file, then the flags.
 *
 * @module
 */
import { catalogue } from "../../data/catalogue.ts";
import { STEM_FILTERS } from "../../model/network_choices.ts";
import { isRelative, parseShakeMode } from "../../model/shake_factors.ts";
import { Configuration, type Field, fieldInfo, type Given } from "./fields.ts";
import { type PresetName, presetNames, presets, presetValues } from "./presets.ts";
import { networkOfPretrained } from "./pretrained.ts";
import { pathText, shortened, valueText } from "./printable.ts";
import { isRecorded, withEarlierMeaning } from "./recorded.ts";
import { didYouMean, fieldHint, nearest, valueHint } from "./suggestions.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The whole configuration: defaults, then the preset, then the file, then the flags.
 *
 * @throws {UsageError} naming the flag, or the file and field, the value and what is allowed
 */
export function resolveConfiguration(
  preset: string,
  file: { readonly path: string; readonly values: unknown } | undefined,
  flags: Given,
): Configuration {
  if (!Object.hasOwn(presets, preset)) {
    const hint = didYouMean(nearest(preset, presetNames));
    throw new UsageError(`--preset: ${valueText(preset)} is not one of ${presetNames.join(", ")}${hint}`);
  }
  const ofFile = file
    ? checked(withEarlierMeaning(file.values), (name) => `${pathText(file.path)}: ${shortened(name)}`)
    : {};
  const ofFlags = checked(flags, (name) => fieldInfo(name as Field).flag);
  const others = withFolder(preset as PresetName, { ...ofFile, ...ofFlags });
  const ofPreset = presetOf(preset as PresetName, file?.values, others);
  // The weights are of one network; flags may name another, which is refused where the weights are read.
  const ofWeights = networkOfPretrained({ ...ofPreset, ...others });
  return withoutConflict(Configuration.parse({ run: preset, ...ofPreset, ...ofWeights, ...others }));
}

/** Adds the data set that `--images` means, unless the values or the preset name one. */
export const withFolder = (preset: PresetName, values: Given): Given =>
  values.images === undefined || "dataset" in { ...presets[preset].values, ...values }
    ? values
    : { ...values, dataset: "folder" };

/** The values of a preset. Fields that a recorded configuration lacks were added later: its run had their defaults. */
export const presetOf = (preset: PresetName, file: unknown, others: Given): Given =>
  isRecorded(file) ? presets[preset].values : presetValues(preset, others);

/** A combination of fields that contradict each other, and its error. */
interface Conflict {
  readonly when: (configuration: Configuration) => boolean;
  readonly error: (configuration: Configuration) => string;
}

/** Fields that decide how the pictures of a folder, and of no other data set, are decoded and split. */
const ofFolders = ["imageSize", "fit", "holdOut"] as const;

/** Tells if a data set comes as an archive; the embedded one is drawn. */
const isDownloaded = (dataset: Configuration["dataset"]): boolean =>
  dataset !== "folder" && catalogue[dataset].archive !== undefined;

const isChanged = (configuration: Configuration, field: Field): boolean =>
  configuration[field] !== fieldInfo(field).initial;

const LAYERS_PER_BLOCK = { resnet: 6, resnext: 9 } as const;

const conflicts: readonly Conflict[] = [
  {
    when: ({ architecture, depth }) => depth % LAYERS_PER_BLOCK[architecture] !== 2,
    error: ({ architecture, depth }) =>
      `--depth: ${depth} is not ${LAYERS_PER_BLOCK[architecture]} k + 2, which --architecture ${architecture} needs`,
  },
  {
    when: ({ shake, branches }) => isRelative(parseShakeMode(shake).backward) && branches !== 2,
    error: ({ shake, branches }) => `--shake: ${shake} needs 2 branches, not ${branches}`,
  },
  {
    when: ({ architecture, skip, batchNorm }) => architecture !== "resnet" && !(skip && batchNorm),
    error: ({ architecture }) =>
      `--no-skip and --no-batch-norm need --architecture resnet; the architecture is ${architecture}`,
  },
  {
    when: ({ architecture, stemFilters }) => architecture !== "resnet" && stemFilters !== STEM_FILTERS,
    error: ({ architecture }) => `--stem-filters needs --architecture resnet; the architecture is ${architecture}`,
  },
  {
    when: ({ dataset, images }) => dataset === "folder" && images === undefined,
    error: () => "--dataset folder needs --images FOLDER",
  },
  {
    when: ({ dataset, images }) => dataset !== "folder" && images !== undefined,
    error: ({ dataset }) => `--images needs --dataset folder; the data set is ${dataset}`,
  },
  {
    when: ({ dataset, from }) => from !== undefined && !isDownloaded(dataset),
    error: ({ dataset }) => `--from needs a data set that is downloaded, such as cifar-10; the data set is ${dataset}`,
  },
  {
    when: (configuration) =>
      configuration.dataset !== "folder" && ofFolders.some((field) => isChanged(configuration, field)),
    error: (configuration) => {
      const { flag } = fieldInfo(ofFolders.find((field) => isChanged(configuration, field))!);
      return `${flag} needs --dataset folder; the pictures of ${configuration.dataset} have their own size and split`;
    },
  },
  {
    // A time becomes a number of epochs where a run begins, and is compared there.
    when: ({ warmupEpochs, epochs, time }) => time === undefined && warmupEpochs >= epochs,
    error: ({ warmupEpochs, epochs }) =>
      `--warmup-epochs: ${warmupEpochs} is not below the ${epochs} epochs of the run`,
  },
  {
    when: ({ whitening, init }) => whitening !== "none" && init !== undefined,
    error: ({ whitening }) =>
      `--whitening ${whitening} needs new weights, and --init begins with those of a checkpoint; leave one of them out`,
  },
  {
    when: ({ freeze, bodyRate, init }) => (freeze !== "none" || bodyRate !== 1) && init === undefined,
    error: ({ freeze }) =>
      `${freeze === "none" ? "--body-rate" : "--freeze"} needs the weights of --init; without it all weights are new`,
  },
  {
    when: ({ schedule, validation }) => schedule === "plateau" && validation === "none",
    error: () => "--schedule plateau needs a validation; --validation is none",
  },
  {
    when: ({ patience, validation }) => patience !== undefined && validation === "none",
    error: () => "--patience needs a validation; --validation is none",
  },
  {
    when: ({ validateEvery, validation }) => validateEvery > 1 && validation === "none",
    error: ({ validateEvery }) => `--validate-every ${validateEvery} needs a validation; --validation is none`,
  },
  {
    when: ({ validateEvery, schedule }) => validateEvery > 1 && schedule === "plateau",
    error: ({ validateEvery }) =>
      `--schedule plateau needs a validation after each epoch; --validate-every is ${validateEvery}`,
  },
  {
    when: ({ best, validation }) => best !== "accuracy" && validation === "none",
    error: ({ best }) => `--best ${best} needs a validation; --validation is none`,
  },
  {
    when: ({ classWeights, classSampling }) => classWeights === "balanced" && classSampling === "balanced",
    error: () => "--class-weights and --class-sampling balance the classes twice; leave one of them out",
  },
  {
    when: ({ classSampling, shuffle }) => classSampling === "balanced" && !shuffle,
    error: () => "--class-sampling balanced draws images in a new order; leave --no-shuffle out",
  },
  {
    when: ({ engine, device }) => device !== "auto" && engine !== "auto" && engine !== "onnxruntime",
    error: ({ engine, device }) => `--device ${device} needs --engine onnxruntime; the engine is ${engine}`,
  },
];

/** @throws {UsageError} if fields contradict each other */
function withoutConflict(configuration: Configuration): Configuration {
  const conflict = conflicts.find(({ when }) => when(configuration));
  if (conflict) throw new UsageError(conflict.error(configuration));
  return configuration;
}

/**
 * Checks each value; `where` names a field in errors.
 *
 * @throws {UsageError} naming the field, the value and what is allowed
 */
function checked(values: unknown, where: (name: string) => string): Given {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new UsageError(`${where("").replace(/: $/, "")} is not a JSON object of fields`);
  }
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(Configuration.shape, name)) {
      throw new UsageError(`${where(name)} is not a field of the configuration${fieldHint(name)}`);
    }
    const field = name as Field;
    if (value === undefined || !Configuration.shape[field].safeParse(value).success) {
      const { expects } = fieldInfo(field);
      throw new UsageError(`${where(name)}: ${valueText(value)} is not ${expects}${valueHint(field, value)}`);
    }
  }
  return values as Given;
}
