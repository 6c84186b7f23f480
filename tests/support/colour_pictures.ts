/** Pictures of few colours, written as files. */
import sharp from "sharp";

export type Colour = [number, number, number];

export const red: Colour = [255, 0, 0], green: Colour = [0, 255, 0], blue: Colour = [0, 0, 255];

/** Writes a picture of three bands from left to right, in the format of the path's ending. */
export async function writeBands(path: string, width: number, height: number, bands: [Colour, Colour, Colour]) {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const pixels = width * height;
  const data = new Uint8Array(pixels * 3);
  for (let at = 0; at < pixels; at++) data.set(bands[Math.floor(3 * (at % width) / width)]!, 3 * at);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

/** Writes a picture of one colour. */
export const writePlain = (path: string, colour: Colour, width = 8, height = 8): Promise<void> =>
  writeBands(path, width, height, [colour, colour, colour]);
