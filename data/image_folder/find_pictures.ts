/**
 * Finds the pictures at any depth below folders, each real file once. A real path tells if two paths lead to one file.
 *
 * - Real folders and files come first, links afterwards, so a picture belongs to the folder in which it really is.
 * - A link to a folder above, or to what its own tree has already, is left out.
 * - A link to what belongs to another tree is refused: the picture would have two labels, or be in two splits.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { InputError } from "../files/input_error.ts";
import { faultOf } from "../picture_file.ts";
import type { LeftOut } from "./left_out.ts";
import { type Entry, leftOutKind, readFolder } from "./read_folder.ts";

export interface FoundPictures {
  /** The pictures of each folder, sorted by path. */
  readonly pictures: readonly (readonly string[])[];
  readonly leftOut: readonly LeftOut[];
}

/** Receives a folder directly inside one of the folders. */
export type OnSubfolder = (entry: Entry) => void;

/** @throws {InputError} if a link leads from one folder to what belongs to another */
export async function findPictures(folders: readonly string[], onSubfolder?: OnSubfolder): Promise<FoundPictures> {
  const search = new Search();
  const roots = await Promise.all(folders.map((folder) => Deno.realPath(folder)));
  for (const [tree, root] of roots.entries()) search.claim(root, folders[tree]!, tree);
  for (const root of roots) search.addFoldersAbove(root);
  for (const [tree, path] of folders.entries()) await search.walk({ path, real: roots[tree]!, tree }, onSubfolder);
  await search.followLinks();
  const pictures = folders.map((_, tree) => search.pictures.filter((found) => found.tree === tree));
  return { pictures: pictures.map((found) => found.map(({ path }) => path).toSorted()), leftOut: search.leftOut };
}

interface Place {
  readonly path: string;
  readonly real: string;
  /** Index of the folder it belongs to. */
  readonly tree: number;
}

class Search {
  readonly pictures: Place[] = [];
  readonly leftOut: LeftOut[] = [];
  /** The first place of each real path. */
  readonly #places = new Map<string, Place>();
  readonly #above = new Set<string>();
  readonly #links: { readonly entry: Entry; readonly tree: number }[] = [];

  /** Returns true if the real path is new, false if the tree has it already. */
  claim(real: string, path: string, tree: number): boolean {
    const first = this.#places.get(real);
    if (first === undefined) this.#places.set(real, { path, real, tree });
    else if (first.tree !== tree) {
      throw new InputError(
        `${path} leads to ${first.path}, so pictures would be in two classes or splits; remove one of the two`,
      );
    }
    return first === undefined;
  }

  addFoldersAbove(root: string): void {
    for (let folder = dirname(root); !this.#above.has(folder); folder = dirname(folder)) this.#above.add(folder);
  }

  /** Lists a folder and all real folders below; remembers the links. */
  async walk({ path, real, tree }: Place, onSubfolder?: OnSubfolder): Promise<void> {
    const entries = await readFolder(path).catch((error): LeftOut => ({ path, reason: faultOf(path, error) }));
    if ("reason" in entries) {
      this.leftOut.push(entries);
      return;
    }
    this.leftOut.push(...entries.leftOut);
    for (const entry of [...entries.files, ...entries.folders]) {
      if (entry.isDirectory) onSubfolder?.(entry);
      if (entry.isLink) this.#links.push({ entry, tree });
      else await this.#visit(entry, { path: entry.path, real: join(real, entry.name), tree });
    }
  }

  /** Follows links, and the links below their targets, until there are no more. */
  async followLinks(): Promise<void> {
    for (let link; (link = this.#links.shift());) {
      const { entry, tree } = link;
      if (!entry.isDirectory && entry.kind !== "picture") this.#leaveOut(entry);
      else {
        const real = await Deno.realPath(entry.path).catch(() => undefined);
        if (real === undefined) this.leftOut.push({ path: entry.path, reason: "dead link" });
        else await this.#visit(entry, { path: entry.path, real, tree });
      }
    }
  }

  async #visit(entry: Entry, place: Place): Promise<void> {
    const { path, real, tree } = place;
    if (!entry.isDirectory && entry.kind !== "picture") return this.#leaveOut(entry);
    if (this.#above.has(real) || !this.claim(real, path, tree)) {
      this.leftOut.push({ path, reason: "linked again" });
    } else if (entry.isDirectory) await this.walk(place);
    else this.pictures.push(place);
  }

  #leaveOut({ path, kind }: Entry): void {
    this.leftOut.push({ path, reason: leftOutKind(kind) });
  }
}
