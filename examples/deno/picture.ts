/** Pictures of the documented formats, as the model sees them. */
import sharp from "sharp";
import { HttpError } from "./http_error.ts";

/** Greatest number of pixels of a picture: a small file can be a huge picture. */
const MOST_PIXELS = 24_000_000;
const TIMEOUT_SECONDS = 5;

const sharpFit = { crop: "cover", stretch: "fill", pad: "contain" } as const;
export type Fit = keyof typeof sharpFit;

type Format = "png" | "jpeg" | "gif" | "webp" | "avif" | "tiff";

/** The first bytes of each format, as text of one character a byte. */
const signatures: Readonly<Record<Format, RegExp>> = {
  png: /^\x89PNG\r\n/,
  jpeg: /^\xff\xd8\xff/,
  gif: /^GIF8[79]a/,
  webp: /^RIFF[^]{4}WEBP/,
  avif: /^[^]{4}ftyp(avi[fs]|mif1)/,
  tiff: /^(II\*|MM.\*)/,
};

/** Formats of pictures that are read. The libraries behind sharp read others, some of which are programs (SVG, PDF). */
export const formats = Object.keys(signatures) as Format[];

function formatOf(bytes: Uint8Array): Format | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return formats.find((format) => signatures[format].test(start));
}

/** Pictures that may have 16 bits a channel. The other formats have 8; a PNG says it in its header. */
const mayBeDeep = (format: Format, bytes: Uint8Array): boolean =>
  format === "tiff" || format === "avif" || format === "png" && bytes[24] === 16;

/** Settings of the whole process: one thread for a picture, since many are decoded at once, and no cache. */
export function configureDecoder(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}

/**
 * Decodes a picture: turned by its EXIF orientation, on white, in sRGB.
 *
 * @returns the pixels, [size, size, 3]
 * @throws {HttpError} 415 if it cannot be decoded
 */
export async function decodePicture(bytes: Uint8Array, size: number, fit: Fit): Promise<Uint8Array<ArrayBuffer>> {
  const format = formatOf(bytes);
  if (!format) throw new HttpError(415, `the body is no picture of a known format (${formats.join(", ")})`);
  try {
    const image = sharp(bytes, { limitInputPixels: MOST_PIXELS }).timeout({ seconds: TIMEOUT_SECONDS });
    if (mayBeDeep(format, bytes)) {
      const { space, hasProfile } = await image.metadata();
      // sharp leaves a picture of 16 bits with a colour profile in P3, unless the profile of the result is given.
      if (space === "rgb16" && hasProfile) image.withIccProfile("srgb");
    }
    return await image.autoOrient().flatten({ background: "white" })
      .toColourspace("srgb")
      .resize(size, size, { fit: sharpFit[fit], background: "black" })
      .raw({ depth: "uchar" }).toBuffer() as Uint8Array<ArrayBuffer>;
  } catch (error) {
    throw new HttpError(415, `the body is no picture that can be decoded: ${oneLine(error)}`);
  }
}

const oneLine = (error: unknown): string => (error as Error).message.trim().replaceAll(/\s*\n\s*/g, "; ");
