/**
 * Stage 2: the records decoded into one file, with the statistics that normalise them.
 *
 * @module
 */
import { catalogue, type RecordFile } from "../data/catalogue.ts";
import { decodeLabels, decodeRecords, SIDE } from "../data/cifar.ts";
import { channelStatistics, checkLabels, type Dataset, decodeDataset, encodeDataset } from "../data/dataset.ts";
import { readFile, writeFileAtomic } from "../data/files.ts";
import { InputError } from "../data/input_error.ts";
import type { Command } from "./command.ts";
import type { Configuration } from "./configuration.ts";
import { datasetPaths } from "./paths.ts";
import { runStage } from "./stage_record.ts";

export const preprocess: Command = {
  name: "preprocess",
  fields: ["dataset", "cache"],
  async run(configuration, context) {
    const { dataset } = configuration;
    const { members, decoded, preprocessRecord } = datasetPaths(configuration);
    const stage = {
      name: "preprocess",
      record: preprocessRecord,
      settings: { dataset },
      inputs: Object.values(members),
      outputs: [decoded],
    };
    await runStage(stage, context, async () => {
      const data = await decodeMembers(configuration);
      await writeFileAtomic(decoded, encodeDataset(data));
      const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(", ");
      context.log(
        `preprocess: ${data.train.count} training and ${data.test.count} test images of ${data.labels.length} classes, ` +
          `mean ${rounded(data.mean)}, std ${rounded(data.std)}`,
      );
    });
  },
};

async function decodeMembers({ cache, dataset }: Configuration): Promise<Dataset> {
  const source = catalogue[dataset];
  const { members } = datasetPaths({ cache, dataset });
  const read = (name: string) => readFile(members[name]!, `run \`deno task download --dataset ${dataset}\` first`);
  const split = async (files: readonly RecordFile[]) =>
    decodeRecords(await Promise.all(files.map(async ({ name }) => ({ name, bytes: await read(name) }))), source);
  const labels = decodeLabels(new TextDecoder().decode(await read(source.labelFile)));
  if (labels.length !== source.classes) {
    throw new InputError(`${members[source.labelFile]} names ${labels.length} classes, not ${source.classes}`);
  }
  const train = await split(source.train), test = await split(source.test);
  const statistics = source.statistics ?? channelStatistics(train.images);
  const data: Dataset = { name: dataset, labels, imageShape: [SIDE, SIDE, 3], ...statistics, train, test };
  checkLabels(data, dataset);
  return data;
}

/** The decoded data set that the later stages read. */
export async function loadDataset(configuration: Pick<Configuration, "cache" | "dataset">): Promise<Dataset> {
  const { decoded } = datasetPaths(configuration);
  const remedy = `run \`deno task preprocess --dataset ${configuration.dataset}\` first`;
  return decodeDataset(await readFile(decoded, remedy), decoded);
}
