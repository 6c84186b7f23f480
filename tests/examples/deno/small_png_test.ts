import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import assert from "#assert";
import sharp from "sharp";
import { decodePicture } from "../../../examples/deno/picture.ts";
import { decodeSmallPng } from "../../../examples/deno/small_png.ts";
import { drawnPng } from "../../support/drawn_png.ts";
import { chunk, numbers, pngOf, rowsOf, SIGNATURE } from "../../support/png_files.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

const SIDE = 32, kind = { side: SIDE };
const rowsOfSeed = (seed: number) => rowsOf(kind, uniformNumbers(seed));
/** The bytes that sharp decodes, or undefined if it refuses the file. */
const bySharp = (file: Buffer, side = SIDE) =>
  decodePicture(file, side, "crop").then((bytes) => new Uint8Array(bytes), () => undefined);
const orientation = (value: number) =>
  Buffer.concat([
    Buffer.from("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", "latin1"),
    Buffer.of(value, 0, 0, 0, 0, 0, 0),
  ]);

Deno.test("every filter gives the bytes that sharp gives", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const file = pngOf(kind, rowsOfSeed(seed), { before: [chunk("sRGB", Buffer.of(0))] });
    assert.deepEqual(decodeSmallPng(file, SIDE), await bySharp(file));
  }
});

/** Chunks of cameras, screenshots and image editors, also with values that mean another colour space. */
const ordinary: Readonly<Record<string, readonly Buffer[]>> = {
  "gAMA 1/2.2": [chunk("gAMA", numbers(45455))],
  "gAMA 1": [chunk("gAMA", numbers(100000))],
  "gAMA 0": [chunk("gAMA", numbers(0))],
  "gAMA too short": [chunk("gAMA", "a")],
  "cHRM of sRGB": [chunk("cHRM", numbers(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))],
  "gAMA and cHRM of P3": [
    chunk("gAMA", numbers(45455)),
    chunk("cHRM", numbers(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
  ],
  "cHRM of zeros": [chunk("cHRM", new Uint8Array(32))],
  "sRGB beside another gAMA": [chunk("sRGB", Buffer.of(0)), chunk("gAMA", numbers(100000))],
  "sRGB without a value": [chunk("sRGB")],
  "bKGD": [chunk("bKGD", Buffer.of(0, 200, 0, 10, 0, 30))],
  "pHYs": [chunk("pHYs", Buffer.concat([numbers(2835, 2835), Buffer.of(1)]))],
  "pHYs of long pixels": [chunk("pHYs", Buffer.concat([numbers(1, 7), Buffer.of(0)]))],
  "sBIT": [chunk("sBIT", Buffer.of(5, 6, 5))],
  "tEXt": [chunk("tEXt", "Software\0editor")],
  "tEXt without a keyword": [chunk("tEXt")],
  "tEXt with EXIF of a turned picture": [
    chunk("tEXt", `Raw profile type exif\0\nexif\n      26\n${orientation(6).toString("hex")}`),
  ],
  "zTXt": [chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.from("text"))]))],
  "zTXt of ten megabytes": [chunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), deflateSync(Buffer.alloc(1e7))]))],
  "iTXt with XMP of a turned picture": [chunk("iTXt", 'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>')],
  "iTXt without its parts": [chunk("iTXt", "Title")],
  "tIME": [chunk("tIME", Buffer.of(7, 234, 1, 2, 3, 4, 5))],
};

for (const [name, chunks] of Object.entries(ordinary)) {
  Deno.test(`the bytes of sharp for a picture with ${name}`, async () => {
    for (const place of ["before", "after"]) {
      const file = pngOf(kind, rowsOfSeed(1), { [place]: chunks });
      const decoded = decodeSmallPng(file, SIDE);
      assert.ok(decoded, place);
      assert.deepEqual(decoded, await bySharp(file), place);
    }
  });
}

Deno.test("pictures of other kinds and sizes are left to sharp", async () => {
  const picture = (channels: 3 | 4) => sharp({ create: { width: SIDE, height: SIDE, channels, background: "#123" } });
  const withChunk = (type: string, data: Uint8Array) => pngOf(kind, rowsOfSeed(1), { before: [chunk(type, data)] });
  const others = {
    transparent: await picture(4).png().toBuffer(),
    palette: await picture(3).png({ palette: true }).toBuffer(),
    interlaced: await picture(3).png({ progressive: true }).toBuffer(),
    "with a colour profile": await picture(3).withIccProfile("p3").png().toBuffer(),
    "with an orientation": withChunk("eXIf", orientation(3)),
    "with a transparent colour": withChunk("tRNS", Buffer.alloc(6)),
    "with a colour space by number": withChunk("cICP", Buffer.of(9, 16, 0, 1)),
    "with an unknown chunk": withChunk("abCd", Buffer.alloc(1)),
    "with a chunk amid the data": pngOf(kind, rowsOfSeed(1), { between: [chunk("tEXt", "a\0b")] }),
    "with a chunk before the header": Buffer.concat([SIGNATURE, chunk("tEXt"), pngOf(kind, rowsOfSeed(1)).subarray(8)]),
    JPEG: await picture(3).jpeg().toBuffer(),
    empty: Buffer.alloc(0),
  };
  for (const [name, file] of Object.entries(others)) assert.equal(decodeSmallPng(file, SIDE), undefined, name);
  assert.ok(decodeSmallPng(await picture(3).png().toBuffer(), SIDE));
  assert.equal(decodeSmallPng(await picture(3).png().toBuffer(), SIDE + 1), undefined);
});

Deno.test("a damaged file is left to sharp: no bit may be wrong, no byte missing", () => {
  const file = pngOf(kind, rowsOfSeed(1));
  for (let at = 0; at < file.length; at += 7) {
    const damaged = Buffer.from(file);
    damaged[at]! ^= 1 << at % 8;
    assert.equal(decodeSmallPng(damaged, SIDE), undefined, `byte ${at}`);
    assert.equal(decodeSmallPng(file.subarray(0, at), SIDE), undefined, `${at} bytes`);
  }
  assert.equal(decodeSmallPng(Buffer.concat([file, Buffer.of(0)]), SIDE), undefined);
});

Deno.test("rows of another number, or with an unknown filter, are left to sharp", () => {
  const rows = rowsOfSeed(1);
  const unknown = Uint8Array.from(rows);
  unknown[0] = 5;
  const bomb = Buffer.concat([rows, Buffer.alloc(1 << 24)]);
  for (const other of [rows.subarray(1), Buffer.concat([rows, Buffer.alloc(1)]), bomb, unknown]) {
    assert.equal(decodeSmallPng(pngOf(kind, other), SIDE), undefined);
  }
});

Deno.test("drawn files, right and damaged: the bytes that sharp gives, or sharp decides", async () => {
  const next = uniformNumbers(7), side = 8;
  let decoded = 0, refused = 0;
  for (let draw = 0; draw < 300; draw++) {
    const file = drawnPng(side, next), own = decodeSmallPng(file, side);
    if (own === undefined) {
      refused++;
      continue;
    }
    decoded++;
    assert.deepEqual(own, await bySharp(file, side), `draw ${draw}: ${file.toString("base64")}`);
  }
  assert.ok(decoded > 60 && refused > 60, `${decoded} decoded, ${refused} left to sharp`);
});
