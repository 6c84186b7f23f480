/** The first two stages on archives of the published layout, at full size but of plain pictures. */
import { createTarPacker } from "modern-tar";
import assert from "node:assert/strict";
import sharp from "sharp";
import { catalogue } from "../../../data/catalogue.ts";
import { recordBytes } from "../../../data/cifar.ts";
import { InputError } from "../../../data/files/input_error.ts";
import type { Configuration, Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { download } from "../../../pipeline/commands/download.ts";
import { datasetPaths, recordPaths } from "../../../pipeline/run/paths.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

/** Packs an archive in which record n of a file has class n modulo 10 and every pixel is 51. */
async function writeArchive(path: string): Promise<void> {
  const { folder, train, test, labelFile, classes } = catalogue["cifar-10"];
  const size = recordBytes({ labelBytes: 1 });
  const { readable, controller } = createTarPacker();
  const written = readable.pipeThrough(new CompressionStream("gzip")).pipeTo((await Deno.create(path)).writable);
  const add = async (name: string, body: Uint8Array<ArrayBuffer>) => {
    const writer = controller.add({ name: `${folder}/${name}`, size: body.length, type: "file" }).getWriter();
    await writer.write(body);
    await writer.close();
  };
  for (const { name, records } of [...train, ...test]) {
    const body = new Uint8Array(records * size).fill(51);
    for (let record = 0; record < records; record++) body[record * size] = record % classes;
    await add(name, body);
  }
  await add(labelFile, new TextEncoder().encode([..."abcdefghij"].join("\n")));
  controller.finalize();
  await written;
}

const shapesPaths = ({ cache }: Configuration) => recordPaths({ cache, dataset: "shapes" });

const configurationFor = (folder: string, fields: Given): Configuration =>
  resolveConfiguration("quick", undefined, { cache: `${folder}/cache`, ...fields });

Deno.test("CIFAR-10's archive, from a file and from a server, becomes the decoded data set", () =>
  inTemporaryFolder(async (folder) => {
    const archive = `${folder}/mine.tar.gz`;
    await writeArchive(archive);
    const fromFile = configurationFor(folder, { dataset: "cifar-10", from: archive });
    await download.run(fromFile, testContext());
    await preprocess.run(fromFile, testContext());
    const { train, test, labels, mean, std } = await loadDataset(fromFile);
    assert.deepEqual([train.count, test.count, labels.join("")], [50_000, 10_000, "abcdefghij"]);
    assert.deepEqual([train.images[0], train.labels[13], test.images.at(-1)], [51, 3, 51]);
    assert.deepEqual([mean, std], [[0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]]);

    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async () => new Response(await Deno.readFile(archive)),
    );
    const fromServer = configurationFor(folder, {
      dataset: "cifar-10",
      from: `http://127.0.0.1:${server.addr.port}/any`,
      cache: `${folder}/other`,
    });
    await download.run(fromServer, testContext());
    await server.shutdown();
    const again = testContext();
    await download.run(fromServer, again);
    assert.deepEqual(again.lines, ["download: up to date"]);
    const member = ({ cache }: Configuration) =>
      Deno.readFile(recordPaths({ cache, dataset: "cifar-10" }).members["data_batch_3.bin"]!);
    assert.deepEqual(await member(fromServer), await member(fromFile));
  }));

Deno.test("the embedded data set is drawn, decoded, and drawn again where a file was damaged", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "shapes" });
    const run = async () => {
      const context = testContext();
      await download.run(configuration, context);
      await preprocess.run(configuration, context);
      return context.lines.filter((line) => !/images of/.test(line));
    };
    assert.deepEqual(await run(), ["download: running (never run)", "preprocess: running (never run)"]);
    const { train } = await loadDataset(configuration);
    assert.equal(train.count, 5000);
    const damaged = shapesPaths(configuration).members["data_batch_2.bin"]!;
    await Deno.truncate(damaged, 1000);
    assert.deepEqual(await run(), [`download: running (output ${damaged} changed)`, "preprocess: up to date"]);
    assert.deepEqual(await run(), ["download: up to date", "preprocess: up to date"]);
  }));

Deno.test("records that are missing or damaged are named, with the command that makes them", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "shapes" });
    const refused = (says: RegExp) =>
      assert.rejects(
        preprocess.run(configuration, testContext()),
        (error) => error instanceof InputError && says.test(error.message),
      );
    await refused(/batches\.meta\.txt does not exist; run `deno task download --dataset shapes` first/);
    await download.run(configuration, testContext());
    const damaged = shapesPaths(configuration).members["test_batch.bin"]!;
    const bytes = await Deno.readFile(damaged);
    await Deno.writeFile(damaged, bytes.with(100, bytes[100]! ^ 1));
    await refused(/test_batch\.bin is not as the download left it; run `deno task download --dataset shapes` first/);
  }));

Deno.test("a --from that does not exist is named", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "cifar-100", from: "/nowhere.tar.gz" });
    await assert.rejects(download.run(configuration, testContext()), /--from: \/nowhere\.tar\.gz does not exist/);
  }));

Deno.test("of a folder of images, files that cannot be decoded are all listed, then refused or skipped as asked", () =>
  inTemporaryFolder(async (folder) => {
    const images = `${folder}/pictures`;
    for (const [name, level] of [["dark", 40], ["light", 200]] as const) {
      await Deno.mkdir(`${images}/${name}`, { recursive: true });
      const picture = sharp(new Uint8Array(300).fill(level), { raw: { width: 10, height: 10, channels: 3 } });
      for (const at of [1, 2, 3]) await picture.clone().png().toFile(`${images}/${name}/${at}.png`);
    }
    for (const path of ["dark/4.png", "light/4.jpg"]) await Deno.writeTextFile(`${images}/${path}`, "no image");
    const configuration = configurationFor(folder, { dataset: "folder", images, imageSize: 8, holdOut: 0.25 });
    const strict = testContext();
    await assert.rejects(preprocess.run(configuration, strict), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        / and 1 other files cannot be decoded; repair or remove them, or use --unreadable skip$/,
      );
      return true;
    });
    const listed = (lines: readonly string[]) => lines.filter((line) => /cannot decode \S+ \(/.test(line)).length;
    assert.equal(listed(strict.lines), 2);
    const lenient = testContext();
    await preprocess.run({ ...configuration, unreadable: "skip" }, lenient);
    assert.equal(listed(lenient.lines), 2);
    const { name, labels, train, test, imageShape, std } = await loadDataset(configuration);
    assert.deepEqual([name, labels, imageShape], ["pictures", ["dark", "light"], [8, 8, 3]]);
    assert.equal(train.count + test.count, 6);
    assert.ok([...train.labels].every((label, at) => train.images[at * 192] === [40, 200][label]));
    assert.ok(std.every((value) => value > 0));
    const again = testContext();
    await preprocess.run({ ...configuration, unreadable: "skip" }, again);
    assert.deepEqual(again.lines, ["preprocess: up to date"]);
  }));

Deno.test("two folders of one name in different places are two data sets", () => {
  const of = (images: string) => datasetPaths({ cache: "cache", dataset: "folder", images }).decoded;
  assert.match(of("/a/pictures"), /^cache\/folder\/pictures-[0-9a-f]{8}\/dataset\.safetensors$/);
  assert.notEqual(of("/a/pictures"), of("/b/pictures"));
  assert.equal(of("/a/pictures/"), of("/a/pictures"));
});
