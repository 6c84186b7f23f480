/**
 * Draws the Grad-CAM maps of pictures over them, as PNG files.
 *
 * @module
 */
import { basename } from "node:path";
import { writeFileAtomic } from "../../../data/files/files.ts";
import { withHeat } from "../../../data/heat_map.ts";
import type { ExportedModel, Images } from "../../../export/exported_model.ts";
import type { ExplainedPage } from "./explained_page.ts";

/** Least side of a drawn picture. */
const SIDE = 256;

export class Explainer {
  #drawn = 0;

  /**
   * @param folder receives the files
   * @param page shows them
   */
  constructor(readonly folder: string, readonly page?: ExplainedPage) {}

  /**
   * Draws the maps of a batch.
   *
   * @param pictures their names, which the names of the files follow
   * @returns the path of each file
   */
  async explain(model: ExportedModel, images: Images, pictures: readonly string[]): Promise<string[]> {
    if (images.count === 0) return [];
    const { default: sharp } = await import("sharp");
    const [height, width] = model.imageShape, size = height * width * 3;
    const maps = await model.explanations(images), paths: string[] = [];
    for (const [at, map] of maps.entries()) {
      const pixels = images.pixels.subarray(at * size, (at + 1) * size), scale = Math.max(1, Math.ceil(SIDE / height));
      const larger = { height: scale * height, width: scale * width };
      const enlarged = await sharp(pixels, { raw: { height, width, channels: 3 } }).resize(larger).raw().toBuffer();
      const drawn = withHeat(enlarged, larger, map);
      const bytes = await sharp(drawn, { raw: { ...larger, channels: 3 } }).png().toBuffer();
      const path = `${this.folder}/${fileName(++this.#drawn, pictures[at]!)}`;
      await writeFileAtomic(path, bytes);
      const shapes = { shape: [height, width, 3], drawnShape: [larger.height, larger.width, 3] } as const;
      await this.page?.draw(path, { pixels, drawn, ...shapes });
      paths.push(path);
    }
    return paths;
  }
}

/** A name with the number of the picture, since pictures of several folders may have one name. */
function fileName(number: number, picture: string): string {
  const name = basename(picture).replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60);
  return `${String(number).padStart(4, "0")}-${name || "picture"}.png`;
}
