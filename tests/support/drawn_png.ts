/** PNG files drawn at random: of all kinds, with chunks in any place, damaged in a way that checksums show, or hide. */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { chunk, headerOf, numbers, pngAround, type PngKind, rowsOf } from "./png_files.ts";

const TYPES = [
  ...["gAMA", "cHRM", "sRGB", "bKGD", "pHYs", "sBIT", "tEXt", "zTXt", "iTXt", "tIME", "eXIf", "tRNS", "iCCP", "hIST"],
  ...["IDAT", "PLTE", "IEND", "IHDR", "cICP", "abCd", "ABCD"],
];
/** A wrong one is as likely as not. */
const usualBytes: Readonly<Record<string, number>> = { gAMA: 4, cHRM: 32, sRGB: 1, bKGD: 6, pHYs: 9, sBIT: 3, tIME: 7 };
const COLOURS = [0, 2, 3, 4, 6], BITS = [1, 2, 4, 8, 16];

type Next = () => number;

const oneOf = <T>(values: readonly T[], next: Next): T => values[Math.floor(values.length * next())]!;
const bytesOf = (length: number, next: Next) => Buffer.from(Uint8Array.from({ length }, () => 256 * next()));

/** Draws a file of a picture of `side` x `side` pixels, or of nearly one. */
export function drawnPng(side: number, next: Next): Buffer {
  const isPlain = next() < 0.7;
  const kind: PngKind = isPlain
    ? { side }
    : { side, bits: oneOf(BITS, next), colour: oneOf(COLOURS, next), interlaced: next() < 0.3 };
  const rows = rowsOf(kind, next);
  const damage = oneOf(damages, next);
  const compressed = compress(damage.rows?.(rows, next) ?? rows, next);
  const header = damage.header?.(headerOf(kind), next) ?? headerOf(kind);
  const file = pngAround(header, damage.compressed?.(compressed, next) ?? compressed, {
    before: chunks(next),
    between: next() < 0.15 ? chunks(next) : [],
    after: next() < 0.3 ? chunks(next) : [],
  });
  return damage.file?.(file, next) ?? file;
}

const compress = (rows: Uint8Array, next: Next): Buffer =>
  deflateSync(rows, { level: Math.floor(10 * next()), windowBits: 9 + Math.floor(7 * next()) });

const chunks = (next: Next): Buffer[] =>
  Array.from({ length: Math.floor(3 * next()) }, () => {
    const type = next() < 0.7 ? oneOf(Object.keys(usualBytes), next) : oneOf(TYPES, next);
    const usual = usualBytes[type], text = Buffer.from("Comment\0");
    const data = usual !== undefined && next() < 0.5 ? bytesOf(usual, next) : bytesOf(Math.floor(20 * next()), next);
    return chunk(type, /TXt|tEXt/.test(type) && next() < 0.5 ? Buffer.concat([text, data]) : data);
  });

/** Changes one byte. */
function changed(bytes: Uint8Array, next: Next): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(copy.length * next())] = 256 * next();
  return copy;
}

const cut = (bytes: Uint8Array, next: Next) => Buffer.from(bytes.subarray(0, bytes.length * next()));
const longer = (bytes: Uint8Array, next: Next) => Buffer.concat([bytes, bytesOf(1 + 20 * next(), next)]);

interface Damage {
  readonly header?: (header: Buffer, next: Next) => Buffer;
  readonly rows?: (rows: Uint8Array, next: Next) => Uint8Array;
  readonly compressed?: (data: Buffer, next: Next) => Buffer;
  readonly file?: (file: Buffer, next: Next) => Buffer;
}

/** Everything but the damage of a file has right checksums. */
const damages: readonly Damage[] = [
  ...Array<Damage>(8).fill({}),
  { header: changed },
  { header: longer },
  { rows: changed },
  { rows: cut },
  { rows: longer },
  { rows: (rows) => Buffer.concat([rows, Buffer.alloc(1e6)]) },
  { compressed: changed },
  { compressed: cut },
  { compressed: longer },
  { file: changed },
  { file: cut },
  { file: longer },
  { file: (file) => Buffer.concat([file, chunk("IEND")]) },
  { file: (file) => Buffer.concat([file.subarray(0, -12), numbers(0x7fffffff), file.subarray(-8)]) },
];
