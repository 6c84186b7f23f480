/**
 * Finds the folders of the splits and of the classes. A folder that can be understood in two ways is refused.
 *
 * @module
 */
import { InputError } from "../files/input_error.ts";
import { PICTURE_ENDINGS } from "./file_kinds.ts";
import { findPictures } from "./find_pictures.ts";
import type { LeftOut } from "./left_out.ts";
import { type Entries, type Entry, leftOutKind, readNeededFolder } from "./read_folder.ts";
import { type SplitName, splitOf } from "./split_names.ts";

/** A folder with a folder for each class. */
export interface SplitFolder {
  readonly folder: string;
  readonly entries: Entries;
}

export interface Layout {
  readonly splits: { readonly train: SplitFolder } & Partial<Readonly<Record<SplitName, SplitFolder>>>;
  /** Files and folders outside the folders of classes. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Finds the splits: folders of their names if there is one for training, otherwise the folder itself.
 *
 * @throws {InputError} if folders of splits stand beside folders of classes, a split has two folders, or training has none
 */
export async function layoutOf(folder: string): Promise<Layout> {
  const entries = await readNeededFolder(folder);
  const bySplit = Map.groupBy(entries.folders, ({ name }) => splitOf(name));
  const others = bySplit.get(undefined) ?? [];
  bySplit.delete(undefined);
  if (bySplit.size === 0) return { splits: { train: { folder, entries } }, leftOut: leftOutOf(entries) };
  for (const [split, [first, second]] of bySplit) {
    if (second) {
      throw new InputError(
        `${folder} has two folders of the ${split} split, ${first!.name} and ${second.name}; merge them`,
      );
    }
  }
  const [[, [named]]] = [...bySplit] as [[SplitName, [Entry]]];
  if (bySplit.has("train")) await refuseClasses(folder, bySplit.get("train")![0]!.name, others);
  else refuseWithoutTraining(folder, named.name, others);
  const splits: Partial<Record<SplitName, SplitFolder>> = {};
  for (const [split, [{ path }]] of bySplit as Map<SplitName, [Entry]>) {
    splits[split] = { folder: path, entries: await readNeededFolder(path) };
  }
  const leftOut = [
    ...leftOutOf(entries),
    ...others.map(({ path }): LeftOut => ({ path, reason: "other" })),
    ...Object.values(splits).flatMap((split) => leftOutOf(split.entries)),
  ];
  return { splits: splits as Layout["splits"], leftOut };
}

/** Refuses folders of pictures beside the training split: they may be classes. */
async function refuseClasses(folder: string, train: string, others: readonly Entry[]): Promise<void> {
  for (const { name, path } of others) {
    const { pictures: [pictures] } = await findPictures([path]);
    if (pictures!.length === 0) continue;
    throw new InputError(
      `${folder} has the folder ${name} beside ${train}: move it into ${train} if it is a class, or out of ${folder} if ` +
        `it is not; if ${train} is a class, rename it`,
    );
  }
}

function refuseWithoutTraining(folder: string, split: string, others: readonly Entry[]): never {
  if (others.length === 0) {
    throw new InputError(`${folder} has the folder ${split} and none for training; name that one train`);
  }
  throw new InputError(
    `${folder} has the folder ${split} beside ${
      others[0]!.name
    }: if it is a split, move the classes into a folder train; ` +
      `if it is a class, rename it`,
  );
}

/** Lists what is left out beside folders of classes. */
const leftOutOf = ({ files, leftOut }: Entries): LeftOut[] => [
  ...leftOut,
  ...files.map(({ path, kind }): LeftOut => ({
    path,
    reason: kind === "picture" ? "beside the classes" : leftOutKind(kind),
  })),
];

/** Finds the folders of the classes by their names, composed (NFC): two systems may write the same letters differently. */
export function classFolders({ folder, entries }: SplitFolder): Map<string, string> {
  const classes = new Map<string, string>();
  for (const { name, path } of entries.folders) {
    const label = name.normalize("NFC");
    if (classes.has(label)) throw new InputError(`${folder} has two folders of the name ${label}; merge them`);
    classes.set(label, path);
  }
  return classes;
}

/** @throws {InputError} if there are too few or too many classes to train on */
export function checkClassCount({ folder, entries }: SplitFolder, most: number): void {
  const { folders, files } = entries;
  if (folders.length > most) {
    throw new InputError(`${folder} has ${folders.length} folders of classes; ${most} are possible`);
  }
  if (folders.length >= 2) return;
  const pictures = files.filter(({ kind }) => kind === "picture").length;
  const [only] = folders;
  const hint = pictures > 0
    ? `; sort its ${pictures} pictures (${PICTURE_ENDINGS}) into a folder for each class`
    : only
    ? `; if the classes are in ${only.path}, name that folder`
    : "";
  throw new InputError(`${folder} has ${folders.length} folders of classes, not 2 or more${hint}`);
}
