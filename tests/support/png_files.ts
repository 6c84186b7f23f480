/** PNG files made chunk by chunk, right or wrong. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

export const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** A chunk with its right checksum. */
export function chunk(type: string, data: Uint8Array | string = ""): Buffer {
  const named = Buffer.concat([
    Buffer.from(type, "latin1"),
    typeof data === "string" ? Buffer.from(data, "latin1") : data,
  ]);
  return Buffer.concat([numbers(named.length - 4), named, numbers(crc32(named))]);
}

/** Numbers of 32 bits. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32BE(value, 4 * at));
  return bytes;
}

export interface PngKind {
  readonly side: number;
  /** Default: 8. */
  readonly bits?: number;
  /** 0 grey, 2 RGB (default), 3 palette, 4 grey with transparency, 6 RGB with transparency. */
  readonly colour?: number;
  readonly interlaced?: boolean;
}

export const headerOf = ({ side, bits = 8, colour = 2, interlaced = false }: PngKind): Buffer =>
  Buffer.concat([numbers(side, side), Buffer.of(bits, colour, 0, 0, interlaced ? 1 : 0)]);

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of a row with its filter. */
export const rowBytes = ({ side, bits = 8, colour = 2 }: PngKind): number =>
  1 + Math.ceil(side * bits * channels[colour]! / 8);

/** Random bytes as filtered rows: every row has the next filter. */
export const rowsOf = (kind: PngKind, next: () => number): Uint8Array => {
  const width = rowBytes(kind);
  return Uint8Array.from({ length: width * kind.side }, (_, at) => at % width === 0 ? (at / width) % 5 : 256 * next());
};

/** Chunks around the compressed rows. */
export interface Around {
  readonly before?: readonly Buffer[];
  readonly between?: readonly Buffer[];
  readonly after?: readonly Buffer[];
}

/** A file whose rows are compressed into two chunks. */
export function pngOf(kind: PngKind, rows: Uint8Array, around: Around = {}): Buffer {
  return pngAround(headerOf(kind), deflateSync(rows), around);
}

export function pngAround(
  header: Buffer,
  compressed: Buffer,
  { before = [], between = [], after = [] }: Around,
): Buffer {
  const half = compressed.length >> 1;
  const data = [compressed.subarray(0, half), compressed.subarray(half)].map((part) => chunk("IDAT", part));
  return Buffer.concat([
    ...[SIGNATURE, chunk("IHDR", header), ...before, data[0]!, ...between, data[1]!, ...after, chunk("IEND")],
  ]);
}
