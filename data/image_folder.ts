/**
 * Lists a folder of images as a data set. Every class is a folder of images, at any depth:
 *
 *     train/<class>/*.jpg  and  test/<class>/*.jpg     both splits; the test folder may be val, valid or validation
 *     train/<class>/*.jpg  or   <class>/*.jpg          a share of each class is held out for the test split
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "./files/input_error.ts";
import { type DigestedFile, holdOut } from "./hold_out.ts";

const IMAGE_FILE = /\.(png|jpe?g|webp|avif|gif|tiff?)$/i;
const TEST_FOLDERS = ["test", "val", "valid", "validation"];
/** Greatest number of classes: a label is a byte. */
const MOST_CLASSES = 256;
/** Files that are read at once. */
const AT_ONCE = 32;

export interface ImageFile {
  readonly path: string;
  /** Index of its class. */
  readonly label: number;
}

export interface ImageFolder {
  /** Names of the classes, sorted. */
  readonly labels: readonly string[];
  readonly train: readonly ImageFile[];
  readonly test: readonly ImageFile[];
  /** SHA-256 of the names and contents of the files. */
  readonly digest: string;
}

/**
 * Lists the images of a folder.
 *
 * @param share share of each class that is held out if the folder has no test split, between 0 and 1
 * @throws {InputError} if the folder does not exist or has no images in this layout
 */
export async function listImageFolder(folder: string, share: number): Promise<ImageFolder> {
  const names = await foldersIn(folder);
  const trainFolder = names.includes("train") ? `${folder}/train` : folder;
  const testName = trainFolder === folder ? undefined : TEST_FOLDERS.find((name) => names.includes(name));
  const labels = await foldersIn(trainFolder);
  if (labels.length < 2) throw new InputError(`${trainFolder} has ${labels.length} folders of classes, not 2 or more`);
  if (labels.length > MOST_CLASSES) {
    throw new InputError(`${trainFolder} has ${labels.length} folders of classes; ${MOST_CLASSES} are possible`);
  }
  const all = await imagesOf(trainFolder, labels);
  const none = labels.findIndex((_, label) => all[label]!.length === 0);
  if (none !== -1) {
    throw new InputError(`${trainFolder}/${labels[none]} has no images (png, jpg, webp, avif, gif or tiff)`);
  }
  if (testName === undefined) {
    const splits = holdOut(all.flat(), share);
    if (splits.test.length === 0) {
      throw new InputError(
        `${trainFolder} has no class of two different images, so none can be held out for a test split`,
      );
    }
    return { labels, ...splits, digest: digestOf(folder, splits.train, splits.test) };
  }
  const testFolder = `${folder}/${testName}`;
  const tested = await foldersIn(testFolder);
  const stray = tested.find((name) => !labels.includes(name));
  if (stray) throw new InputError(`${testFolder}/${stray} is of no class; ${trainFolder} has no folder of that name`);
  const test = (await imagesOf(testFolder, labels, tested)).flat();
  if (test.length === 0) throw new InputError(`${testFolder} has no images`);
  const train = all.flat();
  return { labels, train, test, digest: digestOf(folder, train, test) };
}

/** SHA-256 of the splits: the names below the folder, and the contents, in their order. */
function digestOf(folder: string, ...splits: readonly (readonly DigestedFile[])[]): string {
  const hash = createHash("sha256");
  for (const files of splits) {
    for (const { path, digest } of files) hash.update(`${path.slice(folder.length)}\0${digest}\n`);
    hash.update("\n");
  }
  return hash.digest("hex");
}

/** Lists the images of each class in the order of their paths; the classes of `present` have a folder. */
async function imagesOf(
  folder: string,
  labels: readonly string[],
  present = labels,
): Promise<DigestedFile[][]> {
  const classes: DigestedFile[][] = [];
  for (const [label, name] of labels.entries()) {
    const paths = present.includes(name) ? await imagesBelow(`${folder}/${name}`) : [];
    const digests = await digestsOf(paths);
    classes.push(paths.map((path, at) => ({ path, label, digest: digests[at]! })));
  }
  return classes;
}

/** SHA-256 of the contents of files: a size and a time can stay when a content changes. */
async function digestsOf(paths: readonly string[]): Promise<string[]> {
  const digests: string[] = [];
  for (let begin = 0; begin < paths.length; begin += AT_ONCE) {
    const contents = await Promise.all(paths.slice(begin, begin + AT_ONCE).map((path) => Deno.readFile(path)));
    digests.push(...contents.map((bytes) => createHash("sha256").update(bytes).digest("hex")));
  }
  return digests;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).toSorted();
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  const below = entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  });
  return (await Promise.all(below)).flat();
}

/** Lists a folder without hidden entries; a link counts as its target. */
async function entriesOf(folder: string): Promise<{ name: string; isDirectory: boolean }[]> {
  const entries: { name: string; isDirectory: boolean }[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      const linked = isSymlink && (await Deno.stat(`${folder}/${name}`).catch(() => undefined))?.isDirectory;
      entries.push({ name, isDirectory: isDirectory || linked === true });
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`${folder} does not exist`);
    if (error instanceof Deno.errors.NotADirectory) throw new InputError(`${folder} is not a folder`);
    throw error;
  }
  return entries;
}

/** Lists the paths of the images at any depth below a folder, sorted. */
export async function imagesBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((path) => IMAGE_FILE.test(path)).toSorted();
}
