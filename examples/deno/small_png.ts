/**
 * Decodes the usual small PNG: 8 bits a channel, RGB, not interlaced, without transparency and without a colour space of
 * its own (https://www.w3.org/TR/png-3/).
 *
 * A picture of 32 x 32 takes sharp 40 times as long, because each of its calls sets up a pipeline.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const CHANNELS = 3;
/** The bytes of a header after its width and height: 8 bits, RGB, compression 0, filters 0, not interlaced. */
const RGB_OF_8_BITS = Buffer.of(8, 2, 0, 0, 0);
/**
 * Chunks after the header that change no pixel; sharp ignores gAMA and cHRM too. Others may: a colour profile, transparency,
 * an orientation (eXIf).
 */
const NEUTRAL = new Set(
  ["IDAT", "IEND", "bKGD", "cHRM", "gAMA", "iTXt", "pHYs", "sBIT", "sRGB", "tEXt", "tIME", "zTXt"],
);
/** Larger pictures would hold up the thread that answers requests. */
const MOST_PIXELS = 64 * 64, MOST_BYTES = 4 * MOST_PIXELS;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/**
 * Decodes a picture of exactly `side` x `side` pixels.
 *
 * @returns its pixels, [side, side, 3], or undefined for every other file, which may be a picture all the same
 */
export function decodeSmallPng(bytes: Uint8Array, side: number): Uint8Array<ArrayBuffer> | undefined {
  if (side * side > MOST_PIXELS || bytes.length > MOST_BYTES) return undefined;
  const chunks = chunksOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const [header, ...others] = chunks ?? [];
  if (!header || !isPlain(header, side) || !others.every(({ type }) => NEUTRAL.has(type))) return undefined;
  const data = dataOf(others);
  const rows = data && inflated(data, (CHANNELS * side + 1) * side);
  return rows && unfiltered(rows, side);
}

/** Returns the chunks of a file, or undefined if it is damaged or has something after its end. */
function chunksOf(file: Buffer): Chunk[] | undefined {
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + 12 <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) return undefined;
    chunks.push({ type: file.toString("latin1", at + 4, at + 8), data: file.subarray(at + 8, end) });
    at = end + 4;
    if (chunks.at(-1)!.type === "IEND") return at === file.length ? chunks : undefined;
  }
  return undefined;
}

function isPlain({ type, data }: Chunk, side: number): boolean {
  return type === "IHDR" && data.length === 13 && data.readUInt32BE(0) === side && data.readUInt32BE(4) === side &&
    data.subarray(8).equals(RGB_OF_8_BITS);
}

/** Returns the compressed data, or undefined if other chunks lie in it. */
function dataOf(chunks: readonly Chunk[]): Buffer[] | undefined {
  const isData = ({ type }: Chunk) => type === "IDAT";
  const first = chunks.findIndex(isData), data = chunks.slice(first, chunks.findLastIndex(isData) + 1);
  return first >= 0 && data.every(isData) ? data.map(({ data }) => data) : undefined;
}

/** Returns what was compressed, if it has this length. */
function inflated(data: readonly Buffer[], length: number): Uint8Array | undefined {
  try {
    const rows = inflateSync(data.length === 1 ? data[0]! : Buffer.concat(data), { maxOutputLength: length });
    return rows.length === length ? rows : undefined;
  } catch {
    return undefined;
  }
}

type Predictor = (left: number, above: number, aboveLeft: number) => number;

/** The predictors of the types of filter, by number: each returns the number that is added to a byte. */
const predictors: readonly Predictor[] = [
  () => 0,
  (left) => left,
  (_left, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Returns the neighbour that is nearest to left + above - aboveLeft. */
function paeth(left: number, above: number, aboveLeft: number): number {
  const toLeft = Math.abs(above - aboveLeft), toAbove = Math.abs(left - aboveLeft);
  const toAboveLeft = Math.abs(left + above - 2 * aboveLeft);
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

/** Adds to every byte what its row's filter subtracted. Outside the picture the neighbours are 0. */
function unfiltered(rows: Uint8Array, side: number): Uint8Array<ArrayBuffer> | undefined {
  const width = CHANNELS * side, pixels = new Uint8Array(width * side);
  for (let row = 0, from = 0, to = 0; row < side; row++) {
    const predict = predictors[rows[from++]!];
    if (!predict) return undefined;
    for (let column = 0; column < width; column++, from++, to++) {
      const left = column < CHANNELS ? 0 : pixels[to - CHANNELS]!, above = row === 0 ? 0 : pixels[to - width]!;
      const aboveLeft = column < CHANNELS || row === 0 ? 0 : pixels[to - width - CHANNELS]!;
      pixels[to] = rows[from]! + predict(left, above, aboveLeft);
    }
  }
  return pixels;
}
