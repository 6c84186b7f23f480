import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import assert from "#assert";
import sharp from "sharp";
import { decodePicture } from "../../../examples/deno/picture.ts";
import { decodeSmallPng } from "../../../examples/deno/small_png.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

const SIDE = 32;

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]), around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const header = Buffer.of(0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0);

/** Random bytes as filtered rows: every row has the next filter. */
function rowsOf(seed: number): Uint8Array {
  const next = uniformNumbers(seed), width = 3 * SIDE + 1;
  return Uint8Array.from({ length: width * SIDE }, (_, at) => at % width === 0 ? (at / width) % 5 : 256 * next());
}

function pngOf(rows: Uint8Array, before: readonly Buffer[] = [], head = header): Buffer {
  const data = deflateSync(rows), half = data.length >> 1;
  const parts = [data.subarray(0, half), data.subarray(half)].map((part) => chunk("IDAT", part));
  return Buffer.concat([signature, chunk("IHDR", head), ...before, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

Deno.test("every filter gives the bytes that sharp gives", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const file = pngOf(rowsOf(seed), [chunk("sRGB", Buffer.of(0))]);
    assert.deepEqual(decodeSmallPng(file, SIDE), new Uint8Array(await decodePicture(file, SIDE, "crop")));
  }
});

Deno.test("pictures of other kinds and sizes are left to sharp", async () => {
  const picture = (channels: 3 | 4) => sharp({ create: { width: SIDE, height: SIDE, channels, background: "#123" } });
  const others = {
    transparent: await picture(4).png().toBuffer(),
    palette: await picture(3).png({ palette: true }).toBuffer(),
    interlaced: await picture(3).png({ progressive: true }).toBuffer(),
    "with a colour profile": await picture(3).withIccProfile("p3").png().toBuffer(),
    "with an orientation": await picture(3).withMetadata({ orientation: 3 }).png().toBuffer(),
    "with a transparent colour": pngOf(rowsOf(1), [chunk("tRNS", Buffer.alloc(6))]),
    JPEG: await picture(3).jpeg().toBuffer(),
    empty: Buffer.alloc(0),
  };
  for (const [name, file] of Object.entries(others)) assert.equal(decodeSmallPng(file, SIDE), undefined, name);
  assert.ok(decodeSmallPng(await picture(3).png().toBuffer(), SIDE));
  assert.equal(decodeSmallPng(await picture(3).png().toBuffer(), SIDE + 1), undefined);
});

Deno.test("a damaged file is left to sharp: no bit may be wrong, no byte missing", () => {
  const file = pngOf(rowsOf(1));
  for (let at = 0; at < file.length; at += 7) {
    const damaged = Buffer.from(file);
    damaged[at]! ^= 1 << at % 8;
    assert.equal(decodeSmallPng(damaged, SIDE), undefined, `byte ${at}`);
    assert.equal(decodeSmallPng(file.subarray(0, at), SIDE), undefined, `${at} bytes`);
  }
  assert.equal(decodeSmallPng(Buffer.concat([file, Buffer.of(0)]), SIDE), undefined);
});

Deno.test("rows of another number, or with an unknown filter, are left to sharp", () => {
  const rows = rowsOf(1);
  const unknown = Uint8Array.from(rows);
  unknown[0] = 5;
  for (const other of [rows.subarray(1), Buffer.concat([rows, Buffer.alloc(1 << 20)]), unknown]) {
    assert.equal(decodeSmallPng(pngOf(other), SIDE), undefined);
  }
});
