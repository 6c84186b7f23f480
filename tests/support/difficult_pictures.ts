/** The difficult pictures as files. */
import { difficultPictures } from "../../pipeline/commands/export/difficult_pictures.ts";

/** Pictures that are difficult for their shape, not for their colours. */
export const isOddShape = (path: string): boolean => /(turned|tiny|wide|tall|large)[^/]*$/.test(path);

/** Writes the pictures; returns their paths. */
export async function writeDifficultPictures(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, bytes] of await difficultPictures()) {
    paths.push(`${folder}/${name}`);
    await Deno.writeFile(paths.at(-1)!, bytes);
  }
  return paths;
}
