import assert from "#assert";
import sharp from "sharp";
import { decodePicture } from "../../../examples/deno/picture.ts";

const grey = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#808080" }, limitInputPixels: false });
const decoded = async (format: "png" | "jpeg" | "gif" | "webp" | "avif" | "tiff") =>
  await decodePicture(await grey(9, 7).toFormat(format).toBuffer(), 4, "crop");

Deno.test("the documented formats are decoded", async () => {
  for (const format of ["png", "jpeg", "gif", "webp", "avif", "tiff"] as const) {
    const pixels = await decoded(format);
    assert.equal(pixels.length, 4 * 4 * 3);
    for (const value of pixels) assert.ok(Math.abs(value - 128) <= 2, `${format}: ${value}`);
  }
});

Deno.test("other formats that sharp knows are refused without decoding", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>`;
  for (const text of [svg, `<?xml version="1.0"?>${svg}`, "%PDF-1.4\n", "P6 1 1 255\nabc", ""]) {
    const refused = decodePicture(new TextEncoder().encode(text), 4, "crop");
    await assert.rejects(() => refused, { status: 415, message: /no picture of a known format/ });
  }
});

Deno.test("a small file with too many pixels is refused", async () => {
  const bombs = [await grey(6_000, 5_000).png().toBuffer(), await grey(4_000, 3_200).avif({ effort: 0 }).toBuffer()];
  for (const bomb of bombs) {
    await assert.rejects(() => decodePicture(bomb, 4, "crop"), { status: 415, message: /exceeds pixel limit/ });
  }
});
