/**
 * Pictures that decoders disagree on: deep, CMYK, transparent, turned, animated, tiny and long ones.
 *
 * @module
 */
import sharp, { type Sharp } from "sharp";

/** A picture of smooth colours, different at every edge. */
function smooth(width = 61, height = 47, channels: 3 | 4 = 3): Sharp {
  const share = (at: number, size: number) => size === 1 ? 1 : at / (size - 1);
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      const wave = 127 + 100 * Math.sin(x / 7) * Math.cos(y / 5);
      const colour = [255 * share(x, width), 255 * share(y, height), wave, 255 * share(x, width)];
      pixels.set(colour.slice(0, channels), at);
    }
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

async function animated(): Promise<Sharp> {
  const frames = await Promise.all([smooth(), smooth().negate()].map((frame) => frame.png().toBuffer()));
  return sharp(frames, { join: { animated: true } });
}

const quality = 95;
const turns = Object.fromEntries([2, 3, 4, 5, 6, 7, 8].map((orientation) => [
  `turned-${orientation}.jpg`,
  () => smooth().withMetadata({ orientation }).jpeg({ quality }),
]));

const pictures: Readonly<Record<string, () => Sharp | Promise<Sharp>>> = {
  "grey-16-bit.png": () => smooth().greyscale().toColourspace("grey16").png(),
  "rgb-16-bit.png": () => smooth().toColourspace("rgb16").png(),
  "rgb-16-bit-with-profile.png": () => smooth().toColourspace("rgb16").withIccProfile("srgb").png(),
  "rgb-16-bit.tif": () => smooth().toColourspace("rgb16").tiff(),
  "transparent-16-bit.png": () => smooth(61, 47, 4).toColourspace("rgb16").png(),
  "cmyk.jpg": () => smooth().toColourspace("cmyk").jpeg({ quality }),
  "cmyk-with-profile.jpg": () => smooth().withIccProfile("cmyk").toColourspace("cmyk").jpeg({ quality }),
  "cmyk.tif": () => smooth().toColourspace("cmyk").tiff(),
  "wide-gamut.jpg": () => smooth().withIccProfile("p3").jpeg({ quality }),
  "transparent.png": () => smooth(61, 47, 4).png(),
  "palette-transparent.png": () => smooth(61, 47, 4).png({ palette: true }),
  "grey-transparent.png": () => smooth(61, 47, 4).greyscale().png(),
  "one-bit.png": () => smooth().greyscale().threshold(128).png({ palette: true, colours: 2 }),
  "one-bit.tif": () => smooth().greyscale().threshold(128).tiff({ bitdepth: 1 }),
  "animated.gif": async () => (await animated()).gif(),
  "animated.webp": async () => (await animated()).webp({ quality }),
  "tiny.png": () => smooth(1, 1).png(),
  "wide.png": () => smooth(300, 3).png(),
  "tall.png": () => smooth(2, 200).png(),
  "large.jpg": () => smooth(640, 480).jpeg({ quality }),
  "large.webp": () => smooth(640, 480).webp({ quality }),
  "large.avif": () => smooth(320, 240).avif({ quality }),
  ...turns,
};

/** Makes the pictures: the bytes of each by its file name. */
export async function difficultPictures(): Promise<Map<string, Uint8Array>> {
  const made = new Map<string, Uint8Array>();
  for (const [name, make] of Object.entries(pictures)) made.set(name, await (await make()).toBuffer());
  return made;
}
