/**
 * Stage 2: the records decoded into one file, with the statistics that normalise them.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { catalogue, type RecordDatasetName, type RecordFile } from "../../data/catalogue.ts";
import { decodeLabels, decodeRecords, SIDE } from "../../data/cifar.ts";
import { channelStatistics, checkLabels, type Dataset, encodeDataset } from "../../data/dataset.ts";
import { readFile, writeFileAtomic } from "../../data/files/files.ts";
import { decodeImages, type ImageFile, listImageFolder } from "../../data/image_folder.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Command, Context } from "../cli/command.ts";
import type { Configuration, Field } from "../configuration/fields.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { datasetPaths, recordPaths } from "../run/paths.ts";
import { startProgress } from "../cli/progress.ts";
import { isAsRecorded, runStage } from "../run/stage_record.ts";

const imageFields = ["images", "imageSize", "fit", "holdOut", "unreadable"] as const satisfies readonly Field[];

export const preprocess: Command = {
  name: "preprocess",
  fields: ["dataset", ...imageFields, "cache"],
  async run(configuration, context) {
    const { decoded, preprocessRecord } = datasetPaths(configuration);
    const source = configuration.dataset === "folder"
      ? await folderSource(configuration, context)
      : recordSource(configuration.dataset, configuration);
    const { settings, inputs } = source;
    const stage = {
      name: "preprocess",
      record: preprocessRecord,
      settings,
      inputs,
      outputs: [decoded],
      whenBusy: "wait" as const,
    };
    let made: Dataset | undefined;
    const upToDate = await runStage(stage, context, async () => {
      const data = made = await source.read();
      checkLabels(data, data.name);
      await writeFileAtomic(decoded, encodeDataset(data));
      const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(", ");
      context.log(
        `preprocess: ${data.train.count} training and ${data.test.count} test images of ${data.labels.length} classes, ` +
          `mean ${rounded(data.mean)}, std ${rounded(data.std)}`,
      );
    });
    const { train, test, ...dataset } = made ?? await loadDataset(configuration);
    return { ...dataset, trainImages: train.count, testImages: test.count, file: decoded, upToDate };
  },
};

/** What a data set is made of, and how it is read. */
interface Source {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  read(): Promise<Dataset>;
}

function recordSource(dataset: RecordDatasetName, { cache }: Configuration): Source {
  const source = catalogue[dataset];
  const { members, downloadRecord } = recordPaths({ cache, dataset });
  const remedy = `run \`deno task download --dataset ${dataset}\` first`;
  const bytes = async (name: string) => {
    const path = members[name]!;
    const content = await readFile(path, remedy);
    // The format has no checksum.
    if (await isAsRecorded(downloadRecord, path)) return content;
    throw new InputError(`${path} is not as the download left it; ${remedy}`);
  };
  const split = async (files: readonly RecordFile[]) =>
    decodeRecords(await Promise.all(files.map(async ({ name }) => ({ name, bytes: await bytes(name) }))), source);
  return {
    settings: { dataset },
    inputs: Object.values(members),
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

async function folderSource(configuration: Configuration, context: Context): Promise<Source> {
  const { imageSize, fit, holdOut, unreadable } = configuration;
  const images = resolve(configuration.images!);
  const { labels, train, test, digest } = await listImageFolder(images, holdOut);
  const bad: string[] = [];
  const decode = async (label: string, files: readonly ImageFile[]) => {
    const progress = startProgress({ label, total: files.length, unit: "images" }, context);
    try {
      return await decodeImages(files, {
        size: imageSize,
        fit,
        signal: context.signal,
        onProgress: progress.update,
        onUnreadable(path, why) {
          bad.push(path);
          progress.log(`preprocess: cannot decode ${path} (${why})`);
        },
      });
    } finally {
      progress.stop();
    }
  };
  return {
    settings: { images, imageSize, fit, holdOut, unreadable, files: digest },
    inputs: [],
    async read() {
      const splits = { train: await decode("training images", train), test: await decode("test images", test) };
      if (bad.length > 0 && unreadable === "refuse") {
        const files = bad.length === 1 ? `${bad[0]} cannot` : `${bad[0]} and ${bad.length - 1} other files cannot`;
        throw new InputError(
          `${files} be decoded; repair or remove ${bad.length === 1 ? "it" : "them"}, or use --unreadable skip`,
        );
      }
      const { mean, std } = channelStatistics(splits.train.images);
      // A colour that all pixels share would be divided by 0.
      const positive = std.map((value) => value || 1) as unknown as typeof std;
      return { name: basename(images), labels, imageShape: [imageSize, imageSize, 3], mean, std: positive, ...splits };
    },
  };
}
