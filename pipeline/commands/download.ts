/**
 * Stage 1: downloads or draws the records of a data set.
 *
 * @module
 */
import { extractMembers, type Member } from "../../data/files/archive.ts";
import { type Archive, catalogue, type DatasetSource } from "../../data/catalogue.ts";
import { recordBytes } from "../../data/cifar.ts";
import { fetchFile } from "../../data/files/fetch_file.ts";
import { writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import { drawShapes } from "../../data/shapes.ts";
import { command, type Context } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import { recordPaths } from "../run/paths.ts";
import { recordedSettings, runStage } from "../run/stage_record.ts";

/** The embedded data set is the same for every run, whatever the run's seed. */
const SHAPES_SEED = 20170521;
/** The largest list of labels that is unpacked. */
const LABEL_FILE_BYTES = 65_536;
/** The largest size of an archive of `--from`, in sizes of the published archive. */
const MOST_TIMES = 2;

export const download = command({
  name: "download",
  fields: ["dataset", "from", "images", "cache"],
  async run({ dataset, from, images, cache }, context) {
    if (dataset === "folder") {
      context.log(`download: nothing to do, the images are in ${images}`);
      return { dataset, files: [], upToDate: true };
    }
    const source = catalogue[dataset];
    const { archive, members, downloadRecord } = recordPaths({ dataset, cache });
    // Without --from the last source holds, for the records that it gave and for those that have to be fetched again.
    const last = context.force ? undefined : (await recordedSettings(downloadRecord))?.["from"];
    const chosen = from ?? (typeof last === "string" ? last : undefined);
    const settings = { dataset: source.files, from: chosen };
    const outputs = Object.values(members);
    const stage = {
      name: "download",
      record: downloadRecord,
      settings,
      inputs: [],
      outputs,
      whenBusy: "wait" as const,
    };
    const upToDate = await runStage(stage, context, async () => {
      if (!source.archive || !archive) return await writeShapes(source, members);
      const path = await archiveAt(source.archive, archive, chosen, context);
      await extractMembers(path, membersOf(source, members), context.signal);
    });
    return { dataset, files: outputs, upToDate };
  },
});

async function writeShapes(source: DatasetSource, members: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, bytes] of drawShapes(SHAPES_SEED, source)) await writeFileAtomic(members[name]!, bytes);
}

/**
 * Downloads the archive, unless `--from` names a file.
 *
 * @returns the path of the archive
 */
async function archiveAt(
  { url, bytes, md5 }: Archive,
  path: string,
  from: string | undefined,
  context: Context,
): Promise<string> {
  if (from !== undefined && !/^https?:\/\//.test(from)) {
    await Deno.stat(from).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new InputError(`--from: ${from} does not exist; name another, or fetch the published archive with --force`);
    });
    return from;
  }
  const progress = startProgress({ label: "download", total: bytes, unit: "bytes" }, context);
  try {
    // Another source may be packed differently, so its members are checked instead.
    const target = from === undefined ? path : `${path}.from`;
    await fetchFile(from ?? url, target, {
      ...(from === undefined ? { expected: { bytes, md5 } } : { atMost: MOST_TIMES * bytes }),
      onProgress: (done) => progress.update(done),
      signal: context.signal,
    });
    return target;
  } finally {
    progress.stop();
  }
}

function membersOf(source: DatasetSource, targets: Readonly<Record<string, string>>): Member[] {
  const size = recordBytes(source);
  const files = [...source.train, ...source.test];
  return Object.entries(targets).map(([name, target]) => {
    const file = files.find((file) => file.name === name);
    return {
      path: `${source.folder}/${name}`,
      bytes: file ? { exactly: file.records * size } : { atMost: LABEL_FILE_BYTES },
      target,
    };
  });
}
