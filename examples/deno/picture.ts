/** Pictures of the documented formats, as the model sees them. */
import sharp from "sharp";
import { HttpError } from "./http_error.ts";

const TIMEOUT_SECONDS = 5;

const sharpFit = { crop: "cover", stretch: "fill", pad: "contain" } as const;
export type Fit = keyof typeof sharpFit;

interface Format {
  /** The first bytes, as text of one character a byte. */
  readonly signature: RegExp;
  /** Greatest number of pixels: a small file can be a huge picture. */
  readonly mostPixels: number;
}

/** Formats of pictures that are read. The libraries behind sharp read others, some of which are programs (SVG, PDF). */
const formats = {
  png: { signature: /^\x89PNG\r\n/, mostPixels: 24_000_000 },
  jpeg: { signature: /^\xff\xd8\xff/, mostPixels: 24_000_000 },
  gif: { signature: /^GIF8[79]a/, mostPixels: 24_000_000 },
  webp: { signature: /^RIFF[^]{4}WEBP/, mostPixels: 24_000_000 },
  tiff: { signature: /^(II\*|MM.\*)/, mostPixels: 24_000_000 },
  // A pixel takes more time and memory than in the others.
  avif: { signature: /^[^]{4}ftyp(avi[fs]|mif1)/, mostPixels: 12_500_000 },
} as const satisfies Record<string, Format>;
type FormatName = keyof typeof formats;

function formatOf(bytes: Uint8Array): FormatName | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return (Object.keys(formats) as FormatName[]).find((name) => formats[name].signature.test(start));
}

/** Pictures that may have 16 bits a channel. The other formats have 8; a PNG says it in its header. */
const mayBeDeep = (format: FormatName, bytes: Uint8Array): boolean =>
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
  if (!format) {
    throw new HttpError(415, `the body is no picture of a known format (${Object.keys(formats).join(", ")})`);
  }
  try {
    const image = sharp(bytes, { limitInputPixels: formats[format].mostPixels }).timeout({ seconds: TIMEOUT_SECONDS });
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
