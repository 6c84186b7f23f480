/**
 * Lists a folder of pictures as a data set. Every class is a folder of pictures, at any depth:
 *
 *     train/<class>/*.jpg  and  test/<class>/*.jpg     both splits
 *     train/<class>/*.jpg  or   <class>/*.jpg          a share of each class is held out for the test split
 *     val/<class>/*.jpg                                beside train, and test if there is one: the validation split
 *
 * `split_names.ts` has the names of splits, `file_kinds.ts` those of pictures, and `find_pictures.ts` the rules of links.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { InputError } from "../files/input_error.ts";
import { type DigestedFile, holdOut } from "../hold_out.ts";
import { type ClassTree, classTrees } from "./class_trees.ts";
import { digestsOf } from "./digests.ts";
import { PICTURE_ENDINGS } from "./file_kinds.ts";
import { findPictures } from "./find_pictures.ts";
import { checkClassCount, classFolders, type Layout, layoutOf } from "./layout.ts";
import { groupedByReason, type LeftOut } from "./left_out.ts";
import type { Entry } from "./read_folder.ts";
import { type SplitName, splitOf } from "./split_names.ts";

/** Greatest number of classes: a label is a byte. */
const MOST_CLASSES = 256;

export interface ImageFolder {
  /** Names of the classes, sorted. */
  readonly labels: readonly string[];
  readonly train: readonly DigestedFile[];
  readonly test: readonly DigestedFile[];
  /** Pictures of the folder's own validation split; they are in neither of the others. */
  readonly validation: readonly DigestedFile[];
  /** The test split is held out of the training pictures. */
  readonly isHeldOut: boolean;
  /** SHA-256 of the names and contents of the pictures. */
  readonly digest: string;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Lists the pictures of a folder. Each split is in the order of its classes, each class in the order of its paths.
 *
 * @param share share of each class that is held out if the folder has no test split, between 0 and 1
 * @throws {InputError} if the folder does not exist, can be understood in two ways or has no pictures in this layout
 */
export async function listImageFolder(folder: string, share: number): Promise<ImageFolder> {
  const layout = await layoutOf(folder);
  checkClassCount(layout.splits.train, MOST_CLASSES);
  const labels = [...classFolders(layout.splits.train).keys()].toSorted();
  const trees = classTrees(layout, labels);
  const found = await findPictures(trees.map((tree) => tree.folder), refuseSplit);
  const { digests, leftOut: unread } = await digestsOf(found.pictures.flat());
  const filesOf = (wanted: SplitName): DigestedFile[] =>
    trees.flatMap(({ split, label }, at) =>
      split !== wanted ? [] : found.pictures[at]!.filter((path) => digests.has(path))
        .map((path) => ({ path, label, digest: digests.get(path)! }))
    );
  const leftOut = [...layout.leftOut, ...found.leftOut, ...unread];
  const training = filesOf("train");
  refuseEmptyClass(trees, training, leftOut);
  const validation = filesOf("validation");
  refuseEmptySplit(layout, "validation", validation);
  const splits = withTestSplit(layout, training, filesOf("test"), share);
  const listed = [splits.train, splits.test, ...(validation.length > 0 ? [validation] : [])];
  return { labels, validation, ...splits, digest: digestOf(folder, ...listed), leftOut };
}

/** Refuses a split inside a class: its pictures would all be in one split. */
function refuseSplit({ name, path }: Entry): void {
  if (splitOf(name) === undefined) return;
  const ofClass = basename(dirname(path));
  throw new InputError(
    `${path} is a split inside the folder of a class; put classes into splits, as in ${name}/${ofClass}, or rename it`,
  );
}

/** @throws {InputError} if a class has no training picture, with what it has instead */
function refuseEmptyClass(
  trees: readonly ClassTree[],
  training: readonly DigestedFile[],
  leftOut: readonly LeftOut[],
): void {
  const present = new Set(training.map(({ label }) => label));
  const empty = trees.find(({ split, label }) => split === "train" && !present.has(label));
  if (!empty) return;
  const { folder } = empty;
  const own = groupedByReason(leftOut.filter(({ path }) => path === folder || path.startsWith(`${folder}/`)));
  const instead = own.map(({ count, reason }) => `${count} ${reason}`).join(", ");
  throw new InputError(`${folder} has no images (${PICTURE_ENDINGS})${instead && `, only ${instead}`}`);
}

/** @throws {InputError} if a split has a folder and no image */
function refuseEmptySplit({ splits }: Layout, name: SplitName, files: readonly DigestedFile[]): void {
  const split = splits[name];
  if (split && files.length === 0) throw new InputError(`${split.folder} has no images`);
}

/** Chooses the test split: its own folder, or a share of the training pictures. */
function withTestSplit(
  layout: Layout,
  training: DigestedFile[],
  test: DigestedFile[],
  share: number,
): Pick<ImageFolder, "train" | "test" | "isHeldOut"> {
  refuseEmptySplit(layout, "test", test);
  const { splits } = layout;
  if (splits.test) return { train: training, test, isHeldOut: false };
  const held = holdOut(training, share);
  if (held.test.length > 0) return { ...held, isHeldOut: true };
  const hint = splits.validation ? `; rename ${splits.validation.folder} to test if it is one` : "";
  throw new InputError(
    `${splits.train.folder} has no class of two different images, so none can be held out for a test split${hint}`,
  );
}

/**
 * Divides the pictures that can be decoded again: a damaged picture may have been the only one of its class on a side.
 *
 * @returns the splits without damaged pictures, or undefined if no other picture changes sides
 */
export function dividedAgain(
  { isHeldOut, train, test }: ImageFolder,
  damaged: ReadonlySet<string>,
  share: number,
): Pick<ImageFolder, "train" | "test"> | undefined {
  if (!isHeldOut) return undefined;
  const sound = [...train, ...test].filter(({ path }) => !damaged.has(path))
    .toSorted((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1));
  const divided = holdOut(sound, share);
  const tested = new Set(test);
  const stays = divided.test.every((file) => tested.has(file)) && !divided.train.some((file) => tested.has(file));
  return stays ? undefined : divided;
}

/** Digests the splits: the names below the folder, and the contents, in their order. */
function digestOf(folder: string, ...splits: readonly (readonly DigestedFile[])[]): string {
  const hash = createHash("sha256");
  for (const files of splits) {
    for (const { path, digest } of files) hash.update(`${path.slice(folder.length)}\0${digest}\n`);
    hash.update("\n");
  }
  return hash.digest("hex");
}
