import sharp from "sharp";

/** Writes a folder of ten pictures of one colour each, of two classes. */
export async function writePictureFolder(folder: string): Promise<void> {
  for (const [name, channels] of [["dark", 40], ["light", 200]] as const) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let at = 0; at < 5; at++) {
      const pixels = new Uint8Array(192).fill(channels + at);
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(`${folder}/${name}/${at}.png`);
    }
  }
}
