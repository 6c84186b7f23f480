/** Folders of pictures of all kinds, for tests of the listing. */
import { dirname } from "node:path";

/** Bytes that stand for a picture: the listing reads names and bytes, and decodes nothing. */
const standIn = (path: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`picture ${path}`);

/** Writes files with bytes of their own each; "copy=original" has the bytes of another. */
export async function writeTree(folder: string, paths: readonly string[]): Promise<void> {
  for (const given of paths) {
    const [path, original = given] = given.split("=") as [string, string?];
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, standIn(original));
  }
}

/** Makes a link; the target is relative to the link. */
export async function link(path: string, target: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.symlink(target, path);
}
