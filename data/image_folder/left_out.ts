/**
 * Files of a folder that are not in the data set, and why.
 *
 * @module
 */
import { MOST_BYTES } from "../picture_file.ts";

/** Reasons in words. */
const reasons = {
  "empty": "empty pictures",
  "damaged": "damaged pictures",
  "too large": `pictures above ${MOST_BYTES >> 20} MiB`,
  "no file": "pipes, devices or sockets",
  "dead link": "links that lead nowhere",
  "no access": "files or folders that cannot be opened",
  "bad name": "names that are not UTF-8",
  "other format": "pictures that need converting to jpg or png",
  "beside the classes": "pictures outside the folders of classes",
  "linked again": "links to what is listed already, or to a folder above",
  "other": "other files",
  "system": "hidden or system files",
} as const;

export type Reason = keyof typeof reasons;

export interface LeftOut {
  readonly path: string;
  readonly reason: Reason;
}

/** Reasons that keep a picture of a class from being read; the other reasons leave out what is no such picture. */
const unreadable: ReadonlySet<Reason> = new Set(
  ["empty", "damaged", "too large", "no file", "dead link", "no access", "bad name"] as const,
);

export const isUnreadable = ({ reason }: LeftOut): boolean => unreadable.has(reason);

export interface LeftOutGroup {
  readonly reason: string;
  readonly count: number;
  /** Paths, sorted. */
  readonly files: readonly string[];
}

/** Groups files by reason, in the order of the reasons above. */
export function groupedByReason(leftOut: readonly LeftOut[]): LeftOutGroup[] {
  const groups = Map.groupBy(leftOut, ({ reason }) => reason);
  return (Object.keys(reasons) as Reason[]).flatMap((reason) => {
    const files = groups.get(reason)?.map(({ path }) => path).toSorted() ?? [];
    return files.length === 0 ? [] : [{ reason: reasons[reason], count: files.length, files }];
  });
}

/** Describes the files of a reason: "left out other files (3): a.txt, b.txt, c.txt". */
export function sentenceOf({ reason, count, files }: LeftOutGroup, folder: string): string {
  const SHOWN = 4;
  const names = files.slice(0, SHOWN).map((path) =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path
  );
  const more = count > SHOWN ? ` and ${count - SHOWN} more` : "";
  return `left out ${reason} (${count}): ${names.join(", ")}${more}`;
}
