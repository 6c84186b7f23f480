/**
 * The folders of classes in each split, checked against the classes of the training split.
 *
 * @module
 */
import { InputError } from "../files/input_error.ts";
import { classFolders, type Layout, type SplitFolder } from "./layout.ts";
import type { SplitName } from "./split_names.ts";

/** The folder of a class in a split. */
export interface ClassTree {
  readonly folder: string;
  readonly split: SplitName;
  /** Index of the class. */
  readonly label: number;
}

/** @throws {InputError} if a split has no folders of classes, or one that the training split lacks */
export function classTrees({ splits }: Layout, labels: readonly string[]): ClassTree[] {
  return (Object.keys(splits) as SplitName[]).flatMap((split) => {
    const folders = classFolders(splits[split]!);
    if (folders.size === 0) throw withoutClasses(splits[split]!);
    for (const name of folders.keys()) if (!labels.includes(name)) throw ofNoClass(splits, split, name, labels);
    return labels.flatMap((name, label) => folders.has(name) ? [{ folder: folders.get(name)!, split, label }] : []);
  });
}

function withoutClasses({ folder, entries: { files } }: SplitFolder): InputError {
  const pictures = files.filter(({ kind }) => kind === "picture").length;
  if (pictures === 0) {
    return new InputError(`${folder} has no folders of classes; fill it, or remove it to hold out training pictures`);
  }
  return new InputError(
    `${folder} has ${pictures} pictures outside folders of classes, so their classes are unknown; sort them into a folder ` +
      `for each class, or move ${folder} elsewhere to hold out training pictures`,
  );
}

function ofNoClass(splits: Layout["splits"], split: SplitName, name: string, labels: readonly string[]): InputError {
  const alike = labels.find((label) => label.toLowerCase() === name.toLowerCase());
  const hint = alike === undefined ? "" : `; rename it to ${alike}`;
  return new InputError(
    `${splits[split]!.folder}/${name} is of no class; ${splits.train.folder} has no folder of that name${hint}`,
  );
}
