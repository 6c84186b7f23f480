import assert from "#assert";
import type { Configuration, Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { download } from "../../../pipeline/commands/download.ts";
import { recordPaths } from "../../../pipeline/run/paths.ts";
import { writeCifarArchive } from "../../support/cifar_archive.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

const configurationFor = (folder: string, fields: Given): Configuration =>
  resolveConfiguration("quick", undefined, { cache: `${folder}/cache`, ...fields });

Deno.test("an archive from a file and one from a server give the same records", () =>
  inTemporaryFolder(async (folder) => {
    const archive = `${folder}/mine.tar.gz`;
    await writeCifarArchive(archive);
    const fromFile = configurationFor(folder, { dataset: "cifar-10", from: archive });
    await download.run(fromFile, testContext());
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
    const member = ({ cache }: Configuration) =>
      Deno.readFile(recordPaths({ cache, dataset: "cifar-10" }).members["data_batch_3.bin"]!);
    assert.deepEqual(await member(fromServer), await member(fromFile));

    const again = testContext();
    const { from: _, ...withoutFrom } = fromServer;
    await download.run(withoutFrom, again);
    assert.deepEqual(again.lines, ["download: up to date"], "a source is remembered when --from is not repeated");
    const { from: _file, ...last } = fromFile;
    await Deno.remove(recordPaths({ ...last, dataset: "cifar-10" }).members["data_batch_3.bin"]!);
    await Deno.remove(archive);
    // A lost record is fetched from the last source again, not from the published one.
    await assert.rejects(download.run(last, testContext()), /mine\.tar\.gz does not exist; name another, or fetch the/);
  }));

Deno.test("the embedded data set is drawn, and drawn again where a file is damaged", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "shapes" });
    const run = async () => {
      const context = testContext();
      await download.run(configuration, context);
      return context.lines;
    };
    assert.deepEqual(await run(), ["download: running (never run)"]);
    const path = recordPaths({ ...configuration, dataset: "shapes" }).members["data_batch_2.bin"]!;
    const drawn = await Deno.readFile(path);
    await Deno.truncate(path, 1000);
    assert.deepEqual(await run(), [`download: running (output ${path} changed)`]);
    assert.deepEqual(await Deno.readFile(path), drawn);
    assert.deepEqual(await run(), ["download: up to date"]);
  }));

Deno.test("a --from that does not exist is named", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = configurationFor(folder, { dataset: "cifar-100", from: "/nowhere.tar.gz" });
    await assert.rejects(
      download.run(configuration, testContext()),
      /--from: \/nowhere\.tar\.gz does not exist; name another/,
    );
  }));

Deno.test("a folder of images needs no download", () =>
  inTemporaryFolder(async (folder) => {
    const context = testContext();
    const result = await download.run(configurationFor(folder, { dataset: "folder", images: "pictures" }), context);
    assert.deepEqual(context.lines, ["download: nothing to do, the images are in pictures"]);
    assert.deepEqual(result["files"], []);
  }));
