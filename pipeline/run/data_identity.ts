/**
 * `data.json`: the data that a run is trained on. Its digest is in every checkpoint too; this file can say what has changed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Dataset, Split } from "../../data/dataset.ts";
import { shortened } from "../configuration/printable.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import type { DigestedDataset } from "./load_dataset.ts";
import type { RunPaths } from "./paths.ts";

const count = z.int().min(0);
const SplitIdentity = z.object({
  images: count,
  /** SHA-256 of the pixels and the labels. */
  digest: z.string(),
});

export const DataIdentity = z.object({
  /** SHA-256 of the decoded file. */
  digest: z.string(),
  name: z.string(),
  labels: z.array(z.string()),
  /** Height, width and channels. */
  imageShape: z.array(count),
  mean: z.array(z.number()),
  std: z.array(z.number()),
  train: SplitIdentity,
  test: SplitIdentity,
  /** The data's own validation split. */
  validation: SplitIdentity.optional(),
});
export type DataIdentity = Readonly<z.output<typeof DataIdentity>>;

/** Describes a data set. */
export function identityOf({ dataset, digest }: DigestedDataset): DataIdentity {
  const { name, labels, imageShape, mean, std, train, test, validation } = dataset;
  return {
    ...{ digest, name, labels: [...labels], imageShape: [...imageShape], mean: [...mean], std: [...std] },
    ...{ train: splitIdentity(train), test: splitIdentity(test) },
    ...(validation && { validation: splitIdentity(validation) }),
  };
}

const splitIdentity = ({ count: images, images: pixels, labels }: Split) => ({
  images,
  digest: createHash("sha256").update(pixels).update(labels).digest("hex"),
});

type DataPath = Pick<RunPaths, "data">;

export const writeDataIdentity = ({ data }: DataPath, identity: DataIdentity): Promise<void> =>
  writeJson(data, identity);

/**
 * @returns undefined if the run has none
 * @throws {InputError} if the file is damaged
 */
export const dataIdentityIfThere = (
  { data, flags }: DataPath & Pick<RunPaths, "flags">,
): Promise<DataIdentity | undefined> =>
  readJsonIfThere(data, DataIdentity, `train ${flags}`, "remove it: the checkpoints of the run name its data too");

/** The parts of a data set that an exported model has too. */
export type ModelData = Pick<Dataset | DataIdentity, "labels" | "imageShape" | "mean" | "std">;

/** Says how the classes, size or statistics of data differ from those before; undefined if they are the same. */
export function modelDifference(before: ModelData, now: ModelData): string | undefined {
  if (!areSame(before.labels, now.labels)) return labelDifference(before.labels, now.labels);
  if (!areSame(before.imageShape, now.imageShape)) return `its images are ${sizeText(now)}, not ${sizeText(before)}`;
  return areSame([before.mean, before.std], [now.mean, now.std]) ? undefined : "its mean and deviation changed";
}

/** Says how data differs from the data before. */
export function dataDifference(before: DataIdentity, now: DataIdentity): string {
  const { mean, std } = before;
  const changed = splits.filter(({ split }) => before[split]?.digest !== now[split]?.digest).map(({ word }) => word);
  return modelDifference(before, { ...now, mean, std }) ??
    (countsText(before) === countsText(now) ? undefined : `it has ${countsText(now)}, not ${countsText(before)}`) ??
    (changed.length === 0 ? undefined : `its ${changed.join(" and ")} images changed`) ??
    modelDifference(before, now) ?? `its name is ${shortened(now.name)}, not ${shortened(before.name)}`;
}

const splits = [
  { split: "train", word: "training" },
  { split: "test", word: "test" },
  { split: "validation", word: "validation" },
] as const;

const countsText = ({ train, test, validation }: DataIdentity): string =>
  validation
    ? `${train.images} training, ${validation.images} validation and ${test.images} test images`
    : `${train.images} training and ${test.images} test images`;

const areSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Classes that a message names. */
const NAMED = 3;

function labelDifference(before: readonly string[], now: readonly string[]): string {
  const named = (labels: readonly string[]) =>
    labels.slice(0, NAMED).map((label) => shortened(label)).join(", ") +
    (labels.length > NAMED ? ` and ${labels.length - NAMED} more` : "");
  const [gone, added] = [
    before.filter((label) => !now.includes(label)),
    now.filter((label) => !before.includes(label)),
  ];
  const parts = [
    gone.length > 0 && `without ${named(gone)}`,
    added.length > 0 && `with ${named(added)}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `its classes are now ${parts.join(" and ")}` : "its classes are in another order";
}

const sizeText = ({ imageShape: [height, width] }: ModelData): string => `${height} x ${width}`;

/** Says in a few words what a data set is. */
export const identityText = (identity: DataIdentity): string =>
  `${shortened(identity.name)}, ${identity.labels.length} classes, ${countsText(identity)} of ${sizeText(identity)}`;
