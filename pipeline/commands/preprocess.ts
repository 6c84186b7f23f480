/**
 * Stage 2: decodes a data set into one file, with the statistics that normalise it.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { catalogue, type RecordDatasetName, type RecordFile } from "../../data/catalogue.ts";
import { decodeLabels, decodeRecords, SIDE } from "../../data/cifar.ts";
import { channelStatistics, checkLabels, type Dataset, encodeDataset } from "../../data/dataset.ts";
import { folderOf, writeFileAtomic } from "../../data/files/files.ts";
import { readFile } from "../../data/files/read_file.ts";
import { decodeImages, type ImageFile } from "../../data/decode_images.ts";
import { dividedAgain, type ImageFolder, listImageFolder } from "../../data/image_folder/mod.ts";
import { classWarnings } from "../../data/image_folder/warnings.ts";
import { inspect as inspectPictures } from "../../data/inspection/inspection.ts";
import { picturesOfDataset } from "../../data/inspection/read_pictures.ts";
import { InputError } from "../../data/files/input_error.ts";
import { command, type Context } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import type { Configuration } from "../configuration/fields.ts";
import { inspectionSummary } from "../report/inspection_text.ts";
import {
  type LeftOutPictures,
  leftOutPictures,
  logListing,
  refuseUnreadable,
  writeDamaged,
} from "../run/left_out_pictures.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { type DataFields, dataFields, datasetPaths, type pictureSettings, recordPaths } from "../run/paths.ts";
import { type PictureNames, writePictureNames } from "../run/picture_names.ts";
import { changedFlags, writeLatestSettings } from "../run/picture_settings.ts";
import { withSuitedSize } from "../run/suited_size.ts";
import { isAsRecorded, runStage } from "../run/stage_record.ts";

type FolderOptions = Pick<Configuration, "images" | typeof pictureSettings[number]>;

export const preprocess = command({
  name: "preprocess",
  fields: [...dataFields, "cache"],
  async run(given, context) {
    const configuration = await withSuitedSize("preprocess", given, context);
    const { decoded, pictureNames, preprocessRecord } = datasetPaths(configuration);
    const source = configuration.dataset === "folder"
      ? await folderSource(configuration, { damagedFile: `${folderOf(decoded)}/damaged.json`, pictureNames }, context)
      : recordSource(configuration.dataset, configuration);
    const { settings, inputs } = source;
    const stage = {
      name: "preprocess",
      record: preprocessRecord,
      settings,
      inputs,
      outputs: [decoded, ...source.outputs],
      whenBusy: "wait" as const,
    };
    let decodedNow: Dataset | undefined;
    const upToDate = await runStage(stage, context, async () => {
      const data = decodedNow = await source.read();
      checkLabels(data, data.name);
      await writeFileAtomic(decoded, encodeDataset(data));
      context.log(`preprocess: ${summaryOf(data)}`);
      if (configuration.dataset === "folder") logInspection(data, configuration, context);
    });
    if (configuration.dataset === "folder") await writeLatestSettings(configuration);
    const { train, test, validation, ...dataset } = decodedNow ?? await loadDataset(configuration);
    const pictures = await source.leftOut?.();
    const warnings = [...pictures?.warnings ?? [], ...classWarnings(dataset.labels, train.labels, test.labels)];
    if (!upToDate) { for (const warning of warnings) context.log(`preprocess: warning: ${warning}`); }
    const validationImages = pictures && { validationImages: validation?.count ?? 0 };
    const counts = { trainImages: train.count, testImages: test.count, ...pictures, ...validationImages };
    return { ...dataset, ...counts, warnings, file: decoded, upToDate };
  },
});

/** Says in a line what an inspection of the decoded pictures finds. */
function logInspection(data: Dataset, configuration: DataFields, { signal, log }: Context): void {
  const inspected = { labels: data.labels, pictures: picturesOfDataset(data), leftOut: [], isHeldOut: false };
  const summary = inspectionSummary(inspectPictures(inspected, { signal }));
  if (summary === undefined) return;
  const task = ["deno task inspect", ...changedFlags(configuration, ["images", "holdOut", "cache"])].join(" ");
  log(`preprocess: ${summary}; \`${task}\` shows them and says what to do`);
}

function summaryOf({ train, validation, test, labels, mean, std }: Dataset): string {
  const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(", ");
  const training = validation ? `${train.count} training, ${validation.count} validation` : `${train.count} training`;
  return `${training} and ${test.count} test images of ${labels.length} classes, ` +
    `mean ${rounded(mean)}, std ${rounded(std)}`;
}

/** The source of a data set. */
interface Source {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  /** Files that `read` writes. */
  readonly outputs: readonly string[];
  read(): Promise<Dataset>;
  /** Says what is left out, after `read`. */
  leftOut?(): Promise<LeftOutPictures>;
}

function recordSource(dataset: RecordDatasetName, configuration: DataFields): Source {
  const source = catalogue[dataset];
  const { members, downloadRecord } = recordPaths({ ...configuration, dataset });
  const task = ["deno task download --dataset", dataset, ...changedFlags(configuration, ["cache"])].join(" ");
  const remedy = `run \`${task}\` first`;
  const bytes = async (name: string) => {
    const path = members[name]!;
    const content = await readFile(path, remedy);
    // The format has no checksum.
    if (await isAsRecorded(downloadRecord, path)) return content;
    throw new InputError(`${path} has changed since the download; ${remedy}`);
  };
  const split = async (files: readonly RecordFile[]) =>
    decodeRecords(await Promise.all(files.map(async ({ name }) => ({ name, bytes: await bytes(name) }))), source);
  return {
    settings: { dataset },
    inputs: Object.values(members),
    outputs: [],
    async read() {
      const labels = decodeLabels(new TextDecoder().decode(await bytes(source.labelFile)));
      if (labels.length !== source.classes) {
        throw new InputError(`${members[source.labelFile]} names ${labels.length} classes, not ${source.classes}`);
      }
      const train = await split(source.train), test = await split(source.test);
      const statistics = source.statistics ?? channelStatistics(train.images);
      return { name: dataset, labels, imageShape: [SIDE, SIDE, 3], ...statistics, train, test };
    },
  };
}

/** Files that are written beside the decoded pictures of a folder. */
interface FolderFiles {
  readonly damagedFile: string;
  readonly pictureNames: string;
}

async function folderSource(
  options: FolderOptions,
  { damagedFile, pictureNames }: FolderFiles,
  context: Context,
): Promise<Source> {
  const { imageSize, fit, holdOut, unreadable } = options;
  const images = resolve(options.images!);
  const listing = await listImageFolder(images, holdOut);
  const { labels, digest } = listing;
  logListing(images, listing, context.log);
  const damaged: string[] = [];
  const decode = async (label: string, files: readonly ImageFile[]) => {
    const progress = startProgress({ label, total: files.length, unit: "images" }, context);
    try {
      return await decodeImages(files, {
        size: imageSize,
        fit,
        signal: context.signal,
        onProgress: progress.update,
        onUnreadable(path, why) {
          damaged.push(path);
          progress.log(`preprocess: cannot decode ${path} (${why})`);
        },
      });
    } finally {
      progress.stop();
    }
  };
  const decodeBoth = async ({ train, test }: Pick<ImageFolder, "train" | "test">) => ({
    train: await decode("training images", train),
    test: await decode("test images", test),
  });
  const { validation } = listing;
  return {
    settings: { images, imageSize, fit, holdOut, unreadable, files: digest },
    inputs: [],
    outputs: [damagedFile, pictureNames],
    leftOut: () => leftOutPictures(listing, damagedFile),
    async read() {
      let splits = await decodeBoth(listing);
      const own = validation.length > 0 && { validation: await decode("validation images", validation) };
      if (unreadable === "refuse") refuseUnreadable(listing, damaged);
      await writeDamaged(damagedFile, damaged);
      const again = damaged.length > 0 && dividedAgain(listing, new Set(damaged), holdOut);
      if (again) splits = await decodeBoth(again);
      await writePictureNames(pictureNames, namesOf(images, { ...listing, ...again }, damaged));
      const { mean, std } = channelStatistics(splits.train.images);
      // A channel whose values are all equal has a standard deviation of 0, which cannot divide.
      const positive = std.map((value) => value || 1) as unknown as typeof std;
      const statistics = { mean, std: positive };
      return {
        name: basename(images),
        labels,
        imageShape: [imageSize, imageSize, 3],
        ...statistics,
        ...splits,
        ...own,
      };
    },
  };
}

/** The names of the pictures that are decoded. */
function namesOf(
  folder: string,
  { train, validation, test }: Pick<ImageFolder, "train" | "validation" | "test">,
  damaged: readonly string[],
): PictureNames {
  const unreadable = new Set(damaged);
  const names = (files: readonly ImageFile[]) =>
    files.filter(({ path }) => !unreadable.has(path)).map(({ path }) => path.slice(folder.length + 1));
  const own = names(validation);
  return { folder, train: names(train), ...(own.length > 0 && { validation: own }), test: names(test) };
}
