/**
 * Small versions of inspected pictures, for a page.
 *
 * @module
 */
import { decodeImages } from "../../data/decode_images.ts";
import type { InspectedPicture } from "../../data/inspection/picture.ts";
import { SIDE } from "../../data/inspection/perceptual_hash.ts";
import type { Thumbnails } from "./inspection_page.ts";
import { pictureUrl } from "./pictures.ts";

/** Height and width of a picture that is read from its file, the rest padded. */
const FILE_SIDE = 112;

/**
 * Draws pictures: files in their shape, records as they were inspected.
 *
 * @param folder of the files
 */
export async function thumbnailsOf(
  pictures: readonly InspectedPicture[],
  folder: string | undefined,
  signal: AbortSignal,
): Promise<Thumbnails> {
  const urls = new Map<InspectedPicture, string>();
  const byPath = new Map(pictures.map((picture) => [`${folder}/${picture.file}`, picture]));
  if (folder === undefined) {
    for (const picture of pictures) urls.set(picture, await pictureUrl(picture.pixels, [SIDE, SIDE, 3]));
    return urls;
  }
  const decoded: InspectedPicture[] = [];
  const { images } = await decodeImages([...byPath.keys()].map((path) => ({ path, label: 0 })), {
    ...{ size: FILE_SIDE, fit: "crop", signal },
    onDecoded: ({ path }) => decoded.push(byPath.get(path)!),
    // A file that went away meanwhile has no thumbnail.
    onUnreadable: () => {},
  });
  const length = FILE_SIDE * FILE_SIDE * 3;
  for (const [at, picture] of decoded.entries()) {
    const pixels = images.subarray(at * length, (at + 1) * length);
    urls.set(picture, await pictureUrl(pixels, [FILE_SIDE, FILE_SIDE, 3]));
  }
  return urls;
}
