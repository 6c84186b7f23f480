import assert from "#assert";
import sharp from "sharp";
import type { Dataset, Split } from "../../../data/dataset.ts";
import { picturesOfDataset, picturesOfFolder } from "../../../data/inspection/read_pictures.ts";
import { listImageFolder } from "../../../data/image_folder/mod.ts";
import { figure } from "../../support/inspected.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

async function write(path: string, at: number, width: number, height: number): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const raw = { width: 32, height: 32, channels: 3 } as const;
  await sharp(figure(at), { raw }).resize(width, height, { fit: "fill" }).withExif({}).toFile(path);
}

Deno.test("the pictures of a folder have their file, split, class, digest and own size; damaged ones are named", () =>
  inTemporaryFolder(async (folder) => {
    await write(`${folder}/train/a/1.png`, 1, 50, 40);
    await write(`${folder}/train/b/2.png`, 2, 20, 60);
    await write(`${folder}/val/b/3.png`, 3, 32, 32);
    await write(`${folder}/test/a/4.png`, 4, 90, 90);
    await Deno.writeTextFile(`${folder}/train/a/broken.png`, "no picture");
    const listing = await listImageFolder(folder, 0.1);
    const { pictures, damaged } = await picturesOfFolder(folder, listing, 0.1, {});
    const seen = pictures.map(({ file, split, label, height, width }) => [file, split, label, width, height]);
    assert.deepEqual(seen, [
      ["train/a/1.png", "train", 0, 50, 40],
      ["train/b/2.png", "train", 1, 20, 60],
      ["val/b/3.png", "validation", 1, 32, 32],
      ["test/a/4.png", "test", 0, 90, 90],
    ]);
    assert.deepEqual(pictures[2]!.pixels, figure(3));
    assert.deepEqual(damaged, [{ path: `${folder}/train/a/broken.png`, reason: "damaged" }]);
    assert.equal(pictures[3]!.digest, listing.test[0]!.digest);
  }));

Deno.test("the sides of a turned photograph are those that are seen", () =>
  inTemporaryFolder(async (folder) => {
    for (const label of ["a", "b"]) {
      for (const at of [1, 2]) await write(`${folder}/${label}/${at}.png`, at, 32, 32);
    }
    const raw = { width: 32, height: 32, channels: 3 } as const;
    const turned = sharp(figure(9), { raw }).resize(60, 30, { fit: "fill" }).jpeg().withMetadata({ orientation: 6 });
    await Deno.writeFile(`${folder}/a/turned.jpg`, await turned.toBuffer());
    const { pictures } = await picturesOfFolder(folder, await listImageFolder(folder, 0.3), 0.3, {});
    const { width, height } = pictures.find(({ file }) => file === "a/turned.jpg")!;
    assert.deepEqual([width, height], [30, 60]);
  }));

Deno.test("the pictures of a data set of records are reduced to 32 pixels, with digests of their pixels", () => {
  const split = (count: number): Split => ({
    count,
    images: Uint8Array.from({ length: count * 64 * 64 * 3 }, (_, at) => Math.floor(at / (64 * 64 * 3)) === 0 ? 7 : 9),
    labels: Uint8Array.from({ length: count }, (_, at) => at % 2),
  });
  const statistics = { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] } as const;
  const dataset: Dataset = {
    ...{ name: "d", labels: ["a", "b"], imageShape: [64, 64, 3], ...statistics },
    ...{ train: split(3), test: split(1), validation: split(1) },
  };
  const pictures = picturesOfDataset(dataset);
  assert.deepEqual(pictures.map(({ split, index, label }) => [split, index, label]), [
    ["train", 0, 0],
    ["train", 1, 1],
    ["train", 2, 0],
    ["validation", 0, 0],
    ["test", 0, 0],
  ]);
  assert.deepEqual(pictures[1]!.pixels, new Uint8Array(3072).fill(9));
  assert.equal(pictures[0]!.digest, pictures[3]!.digest);
  assert.notEqual(pictures[0]!.digest, pictures[1]!.digest);
});
