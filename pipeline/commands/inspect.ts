/**
 * Examines a data set before training: counts, sizes, copies, leaks, blank pictures, and what is likely a mistake.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { writeFileAtomic } from "../../data/files/files.ts";
import { listImageFolder } from "../../data/image_folder/mod.ts";
import { inspect as inspectPictures, type Inspection } from "../../data/inspection/inspection.ts";
import type { Inspected } from "../../data/inspection/observation.ts";
import type { InspectedPicture } from "../../data/inspection/picture.ts";
import { picturesOfDataset, picturesOfFolder } from "../../data/inspection/read_pictures.ts";
import { command, type Context, type Result } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import type { Configuration } from "../configuration/fields.ts";
import { RUN_NAME } from "../configuration/fields/field.ts";
import { inspectionPage, shownPictures } from "../report/inspection_page.ts";
import { inspectionText } from "../report/inspection_text.ts";
import { thumbnailsOf } from "../report/thumbnails.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { type DataFields, dataFields, inspectionPath } from "../run/paths.ts";
import { changedFlags } from "../run/picture_settings.ts";

export const inspect = command({
  name: "inspect",
  fields: [...dataFields, "cache"],
  async run(options, context) {
    const folder = options.dataset === "folder" ? resolve(options.images!) : undefined;
    const name = folder === undefined ? options.dataset : basename(folder);
    const inspected = folder === undefined
      ? await inspectedRecords(options)
      : await inspectedFolder(folder, options, context);
    const inspection = inspectAll(inspected, context);
    const urls = await thumbnailsOf(shownPictures(inspection), folder, context.signal);
    const page = inspectionPath(options);
    await writeFileAtomic(page, await inspectionPage(name, inspection, urls));
    context.print(`${inspectionText(inspection)}\n\n${page} shows the pictures.`);
    if (folder !== undefined) {
      // Otherwise the command stops at the first picture that cannot be read.
      const unreadable = inspection.findings.some(({ kind }) => kind === "unreadable") ? "skip" : options.unreadable;
      const flags = changedFlags({ ...options, unreadable }, ["images", "holdOut", "unreadable", "cache"]);
      context.print(
        `\`${["deno task pipeline --preset own-images", ...flags, ...runFlag(name)].join(" ")}\` trains on them.`,
      );
    }
    return { dataset: name, ...(folder !== undefined && { images: folder }), ...resultOf(inspection), page };
  },
});

/** Names the run after the folder, as far as the name of a run allows. */
function runFlag(folder: string): string[] {
  const run = folder.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(
    /^\W+|\W+$/g,
    "",
  );
  return RUN_NAME.test(run) ? [`--run ${run}`] : [];
}

async function inspectedRecords(options: DataFields): Promise<Inspected> {
  const dataset = await loadDataset(options);
  return { labels: dataset.labels, pictures: picturesOfDataset(dataset), leftOut: [], isHeldOut: false };
}

async function inspectedFolder(
  folder: string,
  { holdOut }: Pick<Configuration, "holdOut">,
  context: Context,
): Promise<Inspected> {
  const listing = await listImageFolder(folder, holdOut);
  const { labels, train, validation, test, isHeldOut } = listing;
  const total = train.length + validation.length + test.length;
  using progress = startProgress({ label: "inspect: reading", total, unit: "images" }, context);
  const { pictures, damaged } = await picturesOfFolder(folder, listing, holdOut, {
    signal: context.signal,
    onProgress: (images) => progress.update(images),
  });
  const below = (path: string) => path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  const leftOut = [...listing.leftOut, ...damaged].map(({ path, reason }) => ({ path: below(path), reason }));
  return { labels, pictures, leftOut, isHeldOut };
}

function inspectAll(inspected: Inspected, context: Context): Inspection {
  const total = inspected.pictures.length;
  using progress = startProgress({ label: "inspect: comparing", total, unit: "images" }, context);
  return inspectPictures(inspected, {
    signal: context.signal,
    onProgress: (images) => progress.update(images),
  });
}

/** The inspection as the values of `--json`. */
function resultOf({ labels, splits, sizes, leftOutGroups, twins, blank, findings }: Inspection): Result {
  const named = ({ file, index, split, label }: InspectedPicture) => ({ file, index, split, class: labels[label] });
  const { shorterSides: _, ...distribution } = sizes ?? { shorterSides: [] };
  return {
    labels,
    splits: splits.map(({ split, pictures, classes }) => ({
      ...{ split, pictures },
      classes: Object.fromEntries(labels.map((label, at) => [label, classes[at]])),
    })),
    ...(sizes && { sizes: distribution }),
    leftOut: leftOutGroups,
    copies: twins.map(({ kind, pictures }) => ({ kind, pictures: pictures.map(named) })),
    blank: blank.map(named),
    warnings: findings,
  };
}
