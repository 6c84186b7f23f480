import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { holdOut } from "../../../data/hold_out.ts";
import { dividedAgain, type ImageFolder, listImageFolder } from "../../../data/image_folder/mod.ts";
import { link, writeTree } from "../../support/picture_tree.ts";
import { outputOf } from "../../support/program.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

type SplitOfListing = "train" | "validation" | "test";

/** Lists a folder of these files; the paths of the result are below it. */
const listed = (
  files: readonly string[],
  check: (list: () => Promise<ImageFolder>, folder: string) => Promise<void>,
) =>
  inTemporaryFolder(async (folder) => {
    await writeTree(`${folder}/data`, files);
    await check(() => listImageFolder(`${folder}/data`, 0.5), `${folder}/data`);
  });

const names = (list: ImageFolder, split: SplitOfListing) =>
  list[split].map(({ path, label }) => `${path.replace(/.*\/data\//, "")} ${label}`);

Deno.test("train and test folders are the splits; classes are the folders' names, pictures those at any depth", () =>
  listed(
    ["train/dog/1.png", "train/dog/more/2.webp", "train/cat/1.jpg", "train/cat/notes.txt", "test/cat/9.JPEG"],
    async (list) => {
      const found = await list();
      assert.deepEqual(found.labels, ["cat", "dog"]);
      assert.deepEqual(names(found, "train"), ["train/cat/1.jpg 0", "train/dog/1.png 1", "train/dog/more/2.webp 1"]);
      assert.deepEqual([names(found, "test"), names(found, "validation")], [["test/cat/9.JPEG 0"], []]);
      assert.deepEqual(found.leftOut.map(({ reason }) => reason), ["other"]);
    },
  ));

for (
  const [train, test] of [["Train", "Test"], ["training", "testing"], ["TRAIN", "tst"], ["training_set", "Test Images"]]
) {
  Deno.test(`${train} and ${test} are the splits, not classes`, () =>
    listed([`${train}/a/1.png`, `${train}/b/2.png`, `${test}/a/3.png`], async (list) => {
      const found = await list();
      assert.deepEqual(found.labels, ["a", "b"]);
      assert.deepEqual(names(found, "train"), [`${train}/a/1.png 0`, `${train}/b/2.png 1`]);
      assert.deepEqual(names(found, "test"), [`${test}/a/3.png 0`]);
    }));
}

Deno.test("beside a test split, validation pictures are in neither of the others", () =>
  listed(["train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"], async (list) => {
    const found = await list();
    assert.deepEqual(names(found, "train"), ["train/a/1.png 0", "train/b/2.png 1"]);
    assert.deepEqual([names(found, "validation"), names(found, "test")], [["val/a/3.png 0"], ["test/b/4.png 1"]]);
  }));

Deno.test("without a test split, the validation split stays, and test pictures are held out of the training pictures", () =>
  listed(["train/a/1.png", "train/a/2.png", "train/b/3.png", "train/b/4.png", "val/a/5.png"], async (list) => {
    const found = await list();
    assert.deepEqual(names(found, "validation"), ["val/a/5.png 0"]);
    assert.deepEqual([found.isHeldOut, found.test.length, found.train.length], [true, 2, 2]);
    assert.ok([...found.train, ...found.test].every(({ path }) => path.includes("/train/")));
  }));

Deno.test("a folder of validation pictures whose training pictures cannot be divided is told how to be the test split", () =>
  listed(["train/a/1.png", "train/b/2.png", "val/a/3.png"], async (list, folder) => {
    await assert.rejects(list(), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /none can be held out for a test split; rename \S+\/data\/val to test if it is one$/);
      return error.message.includes(`${folder}/val`);
    });
  }));

Deno.test("validation pictures belong to the digest of a folder", () =>
  listed(["train/a/1.png", "train/b/2.png", "test/a/3.png", "val/a/4.png"], async (list, folder) => {
    const before = await list();
    await Deno.remove(`${folder}/val`, { recursive: true });
    assert.notEqual((await list()).digest, before.digest);
  }));

Deno.test("inside a split, classes may have the names of splits", () =>
  listed(["train/train/1.png", "train/test/2.png", "test/test/3.png"], async (list) => {
    const found = await list();
    assert.deepEqual(found.labels, ["test", "train"]);
    assert.deepEqual(names(found, "test"), ["test/test/3.png 0"]);
  }));

Deno.test("without a test split, the bytes of the pictures decide which are held out", () => {
  const files = Array.from({ length: 30 }, (_, at) => `${at % 2 ? "a" : "b"}/${at}.png`);
  return listed(files, async (list) => {
    const found = await list();
    const all = [...found.train, ...found.test].toSorted((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1));
    assert.equal(all.length, 30);
    assert.deepEqual(holdOut(all, 0.5), { train: found.train, test: found.test });
    assert.ok(found.test.length > 5 && found.train.length > 5);
  });
});

Deno.test("without the damaged pictures, no class is without training pictures", () =>
  listed(["a/1.png", "a/2.png=a/1.png", "a/3.png", "b/1.png", "b/2.png"], async (list) => {
    const found = await list();
    const ofA = (files: ImageFolder["train"]) => files.filter(({ label }) => label === 0).map(({ path }) => path);
    assert.equal(dividedAgain(found, new Set(), 0.5), undefined);
    const { train } = dividedAgain(found, new Set(ofA(found.train)), 0.5)!;
    assert.deepEqual(ofA(train), ofA(found.test));
  }));

Deno.test("the same letters, composed or not, are one class", () =>
  listed(["train/caf\u00e9/1.png", "train/tea/2.png", "test/cafe\u0301/3.png"], async (list) => {
    const found = await list();
    assert.deepEqual([found.labels, found.test.map(({ label }) => label)], [["caf\u00e9", "tea"], [0]]);
  }));

Deno.test("other bytes, another name or another file give another digest; another time does not", () =>
  listed(["a/1.png", "a/2.png", "b/1.png", "b/2.png"], async (list, folder) => {
    const { digest } = await list();
    await Deno.utime(`${folder}/a/1.png`, 1e9, 1e9);
    await writeTree(folder, ["a/notes.txt"]);
    assert.equal((await list()).digest, digest);
    const info = await Deno.stat(`${folder}/a/1.png`);
    await Deno.writeFile(`${folder}/a/1.png`, new Uint8Array(info.size).fill(7));
    await Deno.utime(`${folder}/a/1.png`, info.atime!, info.mtime!);
    const digests = [digest, (await list()).digest];
    await Deno.rename(`${folder}/b/2.png`, `${folder}/b/3.png`);
    digests.push((await list()).digest);
    await writeTree(folder, ["b/4.png"]);
    digests.push((await list()).digest);
    assert.equal(new Set(digests).size, 4);
  }));

Deno.test("everything that is left out is listed with its reason", () =>
  listed(["1.png", "readme.txt", "train/a/1.png", "train/b/2.png", "train/3.png", "test/a/4.png", "docs/5.txt"], async (
    list,
    folder,
  ) => {
    await Deno.writeTextFile(`${folder}/train/a/0.png`, "");
    await writeTree(folder, ["train/a/old.bmp", "train/.DS_Store", "__MACOSX/train/a/1.png"]);
    await link(`${folder}/test/b`, "../gone");
    const { leftOut } = await list();
    const reasons = leftOut.map(({ path, reason }) => `${path.slice(folder.length + 1)}: ${reason}`);
    assert.deepEqual(reasons.toSorted(), [
      ...["1.png: beside the classes", "__MACOSX: system", "docs: other", "readme.txt: other", "test/b: dead link"],
      ...["train/.DS_Store: system", "train/3.png: beside the classes", "train/a/0.png: empty"],
      "train/a/old.bmp: other format",
    ]);
  }));

Deno.test("a link to the folder above adds no class and no picture", () =>
  listed(["a/1.png", "a/2.png", "b/1.png", "b/2.png"], async (list, folder) => {
    const before = await list();
    await link(`${folder}/loop`, ".");
    await link(`${folder}/up`, "..");
    await link(`${folder}/a/up`, "..");
    const { leftOut, ...after } = await list();
    assert.deepEqual({ ...after, leftOut: [] }, before);
    assert.deepEqual(leftOut.map(({ reason }) => reason), ["linked again", "linked again", "linked again"]);
  }));

/** Folders that cannot be a data set: their files, the message, and what else is in them. */
const refused: Record<string, [files: readonly string[], says: RegExp, more?: (data: string) => Promise<unknown>]> = {
  "no class": [
    ["1.png", "2.png"],
    /data has 0 folders of classes, not 2 or more; sort its 2 pictures .* for each class$/,
  ],
  "one class": [
    ["a/1.png"],
    /data has 1 folders of classes, not 2 or more; if the classes are in .*data\/a, name that/,
  ],
  "a class without pictures": [
    ["a/1.png", "b/1.heic", "b/2.HEIC", "b/notes.txt"],
    /data\/b has no images \(png, jpg, .*\), only 2 pictures that need converting to jpg or png, 1 other files$/,
  ],
  "one picture a class": [["a/1.png", "b/1.png"], /data has no class of two different images, so none can be held out/],
  "a test folder of no class": [
    ["train/a/1.png", "train/b/1.png", "test/c/1.png"],
    /data\/test\/c is of no class; .*data\/train has no folder of that name$/,
  ],
  "a class in another case": [
    ["train/Cat/1.png", "train/Dog/1.png", "test/cat/1.png"],
    /data\/test\/cat is of no class; .*; rename it to Cat$/,
  ],
  "test pictures without classes": [
    ["train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png"],
    /data\/test has 2 pictures outside folders of classes, so their classes are unknown; sort them/,
  ],
  "an empty test folder": [["train/a/1.png", "train/b/1.png", "test/.keep"], /data\/test has no folders of classes; /],
  "a class named train among others": [
    ["train/1.png", "bus/1.png", "car/1.png"],
    /data has the folder bus beside train: move it into train if it is a class, .*; if train is a class, rename it$/,
  ],
  "classes beside train": [["Train/a/1.png", "Train/b/1.png", "c/1.png"], /data has the folder c beside Train: /],
  "a test split beside classes": [
    ["a/1.png", "b/1.png", "test/1.png"],
    /data has the folder test beside a: if it is a/,
  ],
  "splits without training": [
    ["val/a/1.png", "test/b/1.png"],
    /data has the folder \w+ and none for training; name that/,
  ],
  "two folders of a split": [
    ["train/a/1.png", "Training/b/1.png"],
    /data has two folders of the train split, Training and train; merge them$/,
  ],
  "splits inside classes": [
    ["a/train/1.png", "a/test/2.png", "b/train/3.png"],
    /data\/a\/(train|test) is a split inside the folder of a class; put classes into splits, as in \w+\/a, or rename it$/,
  ],
  "a picture in both splits by a link": [
    ["train/a/1.png", "train/b/2.png", "test/b/3.png"],
    /test\/a\/9\.png leads to .*train\/a\/1\.png, so pictures would be in two classes or splits/,
    (data) => link(`${data}/test/a/9.png`, "../../train/a/1.png"),
  ],
  "a class that is a link to another": [
    ["a/1.png", "b/2.png"],
    /data\/c leads to .*data\/a, so pictures would be in two classes/,
    (data) => link(`${data}/c`, "a"),
  ],
  ...Deno.build.os === "linux" && {
    "a class whose name is not UTF-8": [
      ["a/1.png", "b/2.png"],
      /data has a folder whose name is not UTF-8 \(caf\uFFFD\); rename it$/,
      (data: string) => outputOf("sh", ["-c", `mkdir "$1/$(printf 'caf\\351')"`, "sh", data]),
    ] as [readonly string[], RegExp, (data: string) => Promise<unknown>],
  },
};

for (const [what, [files, says, more]] of Object.entries(refused)) {
  Deno.test(`refused: ${what}`, () =>
    listed(files, async (list, folder) => {
      await more?.(folder);
      await assert.rejects(list(), (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, says);
        return true;
      });
    }));
}

Deno.test("refused: no folder, and a file", () =>
  inTemporaryFolder(async (folder) => {
    await assert.rejects(listImageFolder(`${folder}/data`, 0.1), /data does not exist$/);
    await Deno.writeTextFile(`${folder}/data`, "");
    await assert.rejects(listImageFolder(`${folder}/data`, 0.1), /data is not a folder$/);
  }));

Deno.test("pipes and sparse files are listed as unreadable at once, and no link to a device is read", async () => {
  if (Deno.build.os !== "linux") return;
  await listed(["train/a/1.png", "train/b/2.png", "test/a/3.png"], async (list, folder) => {
    await outputOf("mkfifo", [`${folder}/train/a/pipe.png`]);
    await outputOf("truncate", ["-s", "6G", `${folder}/train/a/sparse.png`]);
    await link(`${folder}/train/a/zero.png`, "/dev/zero");
    const { leftOut } = await list();
    assert.deepEqual(leftOut.map(({ reason }) => reason).toSorted(), ["no file", "no file", "too large"]);
  });
});
