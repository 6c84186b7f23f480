import assert from "#assert";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { decodeImages, type Fit } from "../../data/decode_images.ts";
import { randomArray } from "../support/random_tensors.ts";
import { blue, green, red, writeBands, writePlain } from "../support/colour_pictures.ts";
import { outputOf } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

/** Decodes one file, [size, size, 3]. */
async function decodeOne(path: string, size: number, fit: Fit): Promise<Uint8Array> {
  const onUnreadable = (path: string, why: string) => assert.fail(`${path}: ${why}`);
  return (await decodeImages([{ path, label: 0 }], { size, fit, onUnreadable })).images;
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
    const red16 = sharp(new Uint8Array(192).map((_, at) => at % 3 ? 0 : 255), { raw }).toColourspace("rgb16");
    await red16.withIccProfile("srgb").png().toFile(`${folder}/profile.png`);
    assert.deepEqual([...(await decodeOne(`${folder}/profile.png`, 8, "crop")).subarray(0, 3)], red);
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
    await writePlain(`${folder}/good.png`, red);
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
    await writePlain(path, red);
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
    assert.match(said.join(), /more than 134 million pixels/);
  }));

Deno.test("a pipe, a file of 6 GiB and an empty file are named at once, without being read", {
  ignore: Deno.build.os === "windows",
}, () =>
  inTemporaryFolder(async (folder) => {
    const paths = ["pipe", "sparse", "empty"].map((name) => `${folder}/${name}.png`);
    await outputOf("mkfifo", [paths[0]!]);
    await Deno.writeFile(paths[1]!, new Uint8Array());
    await Deno.truncate(paths[1]!, 6 * 2 ** 30);
    await Deno.writeFile(paths[2]!, new Uint8Array());
    const said: string[] = [];
    const files = paths.map((path) => ({ path, label: 0 }));
    await decodeImages(files, { size: 8, fit: "crop", onUnreadable: (_, why) => said.push(why) });
    assert.deepEqual(said, [
      "it is a pipe or a device",
      "the file has more than 512 MiB",
      "the file is empty",
    ]);
  }));
