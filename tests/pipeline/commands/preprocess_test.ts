import assert from "#assert";
import sharp from "sharp";
import { writeFileAtomic } from "../../../data/files/files.ts";
import { InputError } from "../../../data/files/input_error.ts";
import type { Configuration, Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { download } from "../../../pipeline/commands/download.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { recordPaths } from "../../../pipeline/run/paths.ts";
import { runStage } from "../../../pipeline/run/stage_record.ts";
import { cifarFiles } from "../../support/cifar_archive.ts";
import { writePictureFolder } from "../../support/picture_folder.ts";
import { outputOf } from "../../support/program.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

const configurationFor = (folder: string, fields: Given): Configuration =>
  resolveConfiguration("quick", undefined, { cache: `${folder}/cache`, ...fields });

Deno.test("CIFAR-10's records become the decoded data set, with the published mean and deviation", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "cifar-10" });
    const { members, downloadRecord } = recordPaths({ ...configuration, dataset: "cifar-10" });
    const stage = {
      name: "download",
      record: downloadRecord,
      settings: {},
      inputs: [],
      outputs: Object.values(members),
    };
    await Deno.mkdir(`${folder}/cache/cifar-10`, { recursive: true });
    await runStage(stage, testContext(), async () => {
      for (const [name, bytes] of cifarFiles()) await writeFileAtomic(members[name]!, bytes);
    });
    await preprocess.run(configuration, testContext());
    const { train, test, labels, mean, std } = await loadDataset(configuration);
    assert.deepEqual([train.count, test.count, labels.join("")], [50_000, 10_000, "abcdefghij"]);
    assert.deepEqual([train.images[0], train.labels[13], test.images.at(-1)], [51, 3, 51]);
    assert.deepEqual([mean, std], [[0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]]);
  }));

Deno.test("records that are missing or damaged are named, with the command that makes them; others are decoded once", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "shapes" });
    const refused = (says: RegExp) =>
      assert.rejects(
        preprocess.run(configuration, testContext()),
        (error) => error instanceof InputError && says.test(error.message),
      );
    await refused(/batches\.meta\.txt does not exist; run `deno task download --dataset shapes --cache \S+` first/);
    await download.run(configuration, testContext());
    const contexts = [testContext(), testContext()];
    for (const context of contexts) await preprocess.run(configuration, context);
    assert.deepEqual(contexts.map(({ lines: [first] }) => first), [
      "preprocess: running (never run)",
      "preprocess: up to date",
    ]);
    assert.equal((await loadDataset(configuration)).train.count, 5000);
    const damaged = recordPaths({ ...configuration, dataset: "shapes" }).members["test_batch.bin"]!;
    const bytes = await Deno.readFile(damaged);
    await Deno.writeFile(damaged, bytes.with(100, bytes[100]! ^ 1));
    await refused(
      /test_batch\.bin has changed since the download; run `deno task download --dataset shapes --cache \S+` first/,
    );
  }));

Deno.test("of a folder of images, files that cannot be decoded are all listed, then refused or skipped as asked", () =>
  inTemporaryFolder(async (folder) => {
    const images = `${folder}/pictures`;
    for (const [name, level] of [["dark", 40], ["light", 200]] as const) {
      await Deno.mkdir(`${images}/${name}`, { recursive: true });
      for (const at of [1, 2, 3]) {
        const picture = sharp(new Uint8Array(300).fill(level + at), { raw: { width: 10, height: 10, channels: 3 } });
        await picture.png().toFile(`${images}/${name}/${at}.png`);
      }
    }
    for (const path of ["dark/4.png", "light/4.jpg"]) await Deno.writeTextFile(`${images}/${path}`, "no image");
    const configuration = configurationFor(folder, { dataset: "folder", images, imageSize: 8, holdOut: 0.25 });
    const strict = testContext();
    await assert.rejects(preprocess.run(configuration, strict), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        / and 1 other files cannot be read; repair or remove them, or use --unreadable skip$/,
      );
      return true;
    });
    const listed = (lines: readonly string[]) => lines.filter((line) => /cannot decode \S+ \(/.test(line)).length;
    assert.equal(listed(strict.lines), 2);
    const lenient = testContext();
    await preprocess.run({ ...configuration, unreadable: "skip" }, lenient);
    assert.equal(listed(lenient.lines), 2);
    const { name, labels, train, test, imageShape, std } = await loadDataset({ ...configuration, unreadable: "skip" });
    assert.deepEqual([name, labels, imageShape], ["pictures", ["dark", "light"], [8, 8, 3]]);
    assert.equal(train.count + test.count, 6);
    assert.ok([...train.labels].every((label, at) => (train.images[at * 192]! > 100) === (label === 1)));
    assert.ok(std.every((value) => value > 0));
    const again = testContext();
    await preprocess.run({ ...configuration, unreadable: "skip" }, again);
    assert.deepEqual(again.lines, ["preprocess: up to date"]);
  }));

Deno.test("preprocess logs and returns what is left out of a folder, what to be warned of, and validation pictures", () =>
  inTemporaryFolder(async (folder) => {
    const images = `${folder}/pictures`;
    for (const split of ["train", "val", "test"]) {
      await writePictureFolder(`${images}/${split}`);
      await Deno.remove(`${images}/${split}/light/0.png`);
    }
    await Deno.writeTextFile(`${images}/train/dark/old.bmp`, "BM");
    await Deno.writeTextFile(`${images}/train/dark/9.jpg`, "no picture");
    await Deno.writeTextFile(`${images}/test/light/empty.webp`, "");
    await Deno.writeTextFile(`${images}/.DS_Store`, "");
    const fields = { dataset: "folder", images, imageSize: 8, unreadable: "skip" } as const;
    const context = testContext();
    const result = await preprocess.run(configurationFor(folder, fields), context);
    const converted = "pictures that need converting to jpg or png";
    assert.deepEqual(result["leftOut"], [
      { reason: "empty pictures", count: 1, files: [`${images}/test/light/empty.webp`] },
      { reason: "damaged pictures", count: 1, files: [`${images}/train/dark/9.jpg`] },
      { reason: converted, count: 1, files: [`${images}/train/dark/old.bmp`] },
      { reason: "hidden or system files", count: 1, files: [`${images}/.DS_Store`] },
    ]);
    const { trainImages, validationImages, testImages } = result;
    assert.deepEqual({ trainImages, validationImages, testImages }, {
      ...{ trainImages: 9, validationImages: 9, testImages: 9 },
    });
    assert.equal((await loadDataset(configurationFor(folder, fields))).validation!.count, 9);
    const warnings = (result["warnings"] as string[]).join("\n");
    assert.match(warnings, /^copies of training pictures are in the test split \(9\)/);
    assert.match(warnings, /^copies of validation pictures are in the test split \(9\)/m);
    assert.match(warnings, /^copies of training pictures are in the validation split \(9\)/m);
    for (
      const line of [
        /^preprocess: left out empty pictures \(1\): test\/light\/empty\.webp$/,
        /^preprocess: left out pictures that need converting .* \(1\): train\/dark\/old\.bmp$/,
        /^preprocess: the validation split has 9 pictures of its own folder$/,
        /^preprocess: warning: copies of training pictures/,
        /^preprocess: cannot decode .*9\.jpg \(it is no picture, or of a format that cannot be read here\)$/,
      ]
    ) assert.ok(context.lines.some((logged) => line.test(logged)), `${line}`);
    const again = await preprocess.run(configurationFor(folder, fields), testContext());
    assert.deepEqual(again, { ...result, upToDate: true });
  }));

Deno.test("a pipe that is named as a picture is refused, and skipped as asked", {
  ignore: Deno.build.os === "windows",
}, () =>
  inTemporaryFolder(async (folder) => {
    const images = `${folder}/pictures`;
    await writePictureFolder(images);
    await outputOf("mkfifo", [`${images}/dark/pipe.png`]);
    const configuration = configurationFor(folder, { dataset: "folder", images, imageSize: 8 });
    await assert.rejects(
      preprocess.run(configuration, testContext()),
      /dark\/pipe\.png cannot be read; repair or remove it, or use --unreadable skip$/,
    );
    const { trainImages, testImages } = await preprocess.run({ ...configuration, unreadable: "skip" }, testContext());
    assert.equal(Number(trainImages) + Number(testImages), 10);
  }));
