import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { decodeImages, type Fit, listImageFolder } from "../../data/image_folder.ts";
import { InputError } from "../../data/files/input_error.ts";
import { randomArray } from "../support/random_tensors.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

type Colour = [number, number, number];

/** Writes a picture of three bands from left to right, in the format of the path's ending. */
async function writeBands(path: string, width: number, height: number, bands: [Colour, Colour, Colour]) {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const pixels = width * height;
  const data = new Uint8Array(pixels * 3);
  for (let at = 0; at < pixels; at++) data.set(bands[Math.floor(3 * (at % width) / width)]!, 3 * at);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

const red: Colour = [255, 0, 0], green: Colour = [0, 255, 0], blue: Colour = [0, 0, 255];
const plain = (path: string, colour: Colour, width = 8, height = 8) =>
  writeBands(path, width, height, [colour, colour, colour]);

/** Decodes one file, [size, size, 3]. */
async function decodeOne(path: string, size: number, fit: Fit): Promise<Uint8Array> {
  const onUnreadable = (path: string, why: string) => assert.fail(`${path}: ${why}`);
  return (await decodeImages([{ path, label: 0 }], { size, fit, onUnreadable })).images;
}

Deno.test("train and test folders are the splits; classes are the folders' names, images those at any depth", () =>
  inTemporaryFolder(async (folder) => {
    await plain(`${folder}/train/dog/1.png`, red);
    await plain(`${folder}/train/dog/more/2.webp`, red);
    await plain(`${folder}/train/cat/1.jpg`, blue);
    await plain(`${folder}/val/cat/9.JPEG`, blue);
    await Deno.writeTextFile(`${folder}/train/cat/notes.txt`, "not an image");
    const { labels, train, test } = await listImageFolder(folder, 0.5);
    assert.deepEqual(labels, ["cat", "dog"]);
    const names = (files: typeof train) => files.map(({ path, label }) => [path.slice(folder.length + 1), label]);
    assert.deepEqual(names(train), [["train/cat/1.jpg", 0], ["train/dog/1.png", 1], ["train/dog/more/2.webp", 1]]);
    assert.deepEqual(names(test), [["val/cat/9.JPEG", 0]]);
  }));

Deno.test("without a test folder a share of every class is held out, the same each time", () =>
  inTemporaryFolder(async (folder) => {
    for (let at = 0; at < 10; at++) {
      await plain(`${folder}/a/${at}.png`, red);
      if (at < 3) await plain(`${folder}/b/${at}.png`, blue);
    }
    const listed = await listImageFolder(folder, 0.2);
    const count = (files: typeof listed.train, label: number) => files.filter((file) => file.label === label).length;
    assert.deepEqual([count(listed.train, 0), count(listed.test, 0)], [8, 2]);
    assert.deepEqual([count(listed.train, 1), count(listed.test, 1)], [2, 1]);
    const paths = [...listed.train, ...listed.test].map(({ path }) => path);
    assert.equal(new Set(paths).size, 13);
    assert.deepEqual(await listImageFolder(folder, 0.2), listed);
  }));

Deno.test("another file, or a file that has changed, has another digest", () =>
  inTemporaryFolder(async (folder) => {
    for (const path of ["a/1.png", "a/2.png", "b/1.png", "b/2.png"]) await plain(`${folder}/${path}`, red);
    const digest = async () => (await listImageFolder(folder, 0.5)).digest;
    const before = await digest();
    assert.equal(await digest(), before);
    await Deno.utime(`${folder}/a/1.png`, 1e9, 1e9);
    const changed = await digest();
    await plain(`${folder}/b/3.png`, blue);
    assert.equal(new Set([before, changed, await digest()]).size, 3);
  }));

const refused: Record<string, [(folder: string) => Promise<unknown>, RegExp]> = {
  "no folder": [() => Promise.resolve(), /data does not exist$/],
  "a file": [(data) => Deno.writeTextFile(data, ""), /data is not a folder$/],
  "one class": [(data) => plain(`${data}/a/1.png`, red), /data has 1 folders of classes, not 2 or more$/],
  "a class without images": [
    async (data) => {
      await plain(`${data}/a/1.png`, red);
      await Deno.mkdir(`${data}/b`);
    },
    /data\/b has no images \(png, jpg, /,
  ],
  "one image a class and no test folder": [
    async (data) => {
      await plain(`${data}/a/1.png`, red);
      await plain(`${data}/b/1.png`, red);
    },
    /data has one image a class, so none can be held out/,
  ],
  "a test folder of no class": [
    async (data) => {
      await plain(`${data}/train/a/1.png`, red);
      await plain(`${data}/train/b/1.png`, red);
      await plain(`${data}/test/c/1.png`, red);
    },
    /data\/test\/c is of no class; .*data\/train has no folder of that name$/,
  ],
};

for (const [what, [make, says]] of Object.entries(refused)) {
  Deno.test(`refused: ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      await make(`${folder}/data`);
      await assert.rejects(
        listImageFolder(`${folder}/data`, 0.1),
        (error) => error instanceof InputError && says.test(error.message),
      );
    }));
}

Deno.test("an image of the size asked for keeps its pixels", () =>
  inTemporaryFolder(async (folder) => {
    const pixels = Uint8Array.from(randomArray([16, 16, 3], 1), (x) => 127 + 127 * x);
    await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } }).png().toFile(`${folder}/noise.png`);
    for (const fit of ["crop", "stretch", "pad"] as const) {
      assert.deepEqual(await decodeOne(`${folder}/noise.png`, 16, fit), pixels);
    }
  }));

Deno.test("a wide image loses its sides, is stretched, or gets black above and below", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/wide.png`;
    await writeBands(path, 48, 16, [red, green, blue]);
    const pixel = async (
      fit: Fit,
      y: number,
      x: number,
    ) => [...(await decodeOne(path, 16, fit)).subarray((y * 16 + x) * 3).subarray(0, 3)];
    assert.deepEqual(await pixel("crop", 8, 1), green);
    assert.deepEqual(await pixel("crop", 8, 14), green);
    assert.deepEqual(await pixel("stretch", 1, 1), red);
    assert.deepEqual(await pixel("stretch", 14, 14), blue);
    assert.deepEqual(await pixel("pad", 1, 8), [0, 0, 0]);
    const [redness, greenness, blueness] = await pixel("pad", 8, 8);
    assert.ok(redness! < 10 && greenness! > 245 && blueness! < 10);
  }));

Deno.test("grey, transparent, 16-bit and turned pictures become red, green and blue as a viewer shows them", () =>
  inTemporaryFolder(async (folder) => {
    const raw = { width: 8, height: 8, channels: 3 as const };
    const picture = sharp(new Uint8Array(192).fill(77), { raw });
    await picture.clone().greyscale().png().toFile(`${folder}/grey.png`);
    assert.deepEqual([...new Set(await decodeOne(`${folder}/grey.png`, 8, "crop"))], [77]);
    await picture.clone().toColourspace("rgb16").png().toFile(`${folder}/deep.png`);
    assert.deepEqual([...new Set(await decodeOne(`${folder}/deep.png`, 8, "crop"))], [77]);
    await picture.clone().ensureAlpha(0).png().toFile(`${folder}/clear.png`);
    assert.deepEqual([...new Set(await decodeOne(`${folder}/clear.png`, 8, "crop"))], [255]);
    await writeBands(`${folder}/bands.png`, 12, 12, [red, green, blue]);
    // Orientation 6: the first row is the viewer's right side, so the left band comes out on top.
    await sharp(`${folder}/bands.png`).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(
      `${folder}/turned.jpg`,
    );
    const turned = await decodeOne(`${folder}/turned.jpg`, 12, "crop");
    const at = (y: number, x: number) => turned.subarray((y * 12 + x) * 3).subarray(0, 3);
    assert.ok(at(1, 6)[0]! > 200 && at(1, 6)[2]! < 60, "red on top");
    assert.ok(at(10, 6)[2]! > 200 && at(10, 6)[0]! < 60, "blue below");
  }));

Deno.test("files that are no images are named and left out", () =>
  inTemporaryFolder(async (folder) => {
    await plain(`${folder}/good.png`, red);
    await Deno.writeFile(`${folder}/cut.png`, (await Deno.readFile(`${folder}/good.png`)).subarray(0, 60));
    await Deno.writeTextFile(`${folder}/text.jpg`, "no image");
    const files = ["cut.png", "good.png", "text.jpg"].map((name, label) => ({ path: `${folder}/${name}`, label }));
    const bad: string[] = [];
    const split = await decodeImages(files, { size: 8, fit: "crop", onUnreadable: (path) => bad.push(path) });
    assert.deepEqual(bad, [`${folder}/cut.png`, `${folder}/text.jpg`]);
    assert.deepEqual([split.count, split.images.length, [...split.labels]], [1, 192, [1]]);
  }));

Deno.test("a small file that claims more pixels than any camera gives is not decoded", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/a.png`;
    await plain(path, red);
    const bytes = await Deno.readFile(path), view = new DataView(bytes.buffer);
    // Of the header: its name at 12, width and height after it, its checksum at 29.
    view.setUint32(16, 16_000);
    view.setUint32(20, 16_000);
    view.setUint32(29, crc32(bytes.subarray(12, 29)));
    await Deno.writeFile(path, bytes);
    const said: string[] = [];
    const onUnreadable = (_: string, why: string) => said.push(why);
    const { count } = await decodeImages([{ path, label: 0 }], { size: 8, fit: "crop", onUnreadable });
    assert.equal(count, 0);
    assert.match(said.join(), /exceeds pixel limit/);
  }));
