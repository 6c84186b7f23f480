/** The command inspect: planted copies, leaks and blank pictures in a real folder. */
import assert from "#assert";
import { dirname } from "node:path";
import type { Sharp } from "sharp";
import sharp from "sharp";
import { inspect } from "../../../pipeline/commands/inspect.ts";
import { tinyFolder } from "../../support/tiny_folder.ts";
import { scene } from "../../support/inspected.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

async function save(path: string, picture: Sharp): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await picture.toFile(path);
}

interface Copies {
  readonly kind: string;
  readonly pictures: readonly { readonly file: string; readonly split: string; readonly class: string }[];
}

Deno.test("planted copies are found across splits and classes, with a page that shows them", () =>
  inTemporaryFolder(async (folder) => {
    const pictures = `${folder}/pictures`;
    for (let at = 0; at < 36; at++) {
      const split = at < 24 ? "train" : "test", label = at % 2 ? "dog" : "cat";
      await save(`${pictures}/${split}/${label}/${at}.jpg`, await scene(at));
    }
    await save(`${pictures}/test/cat/saved-again.jpg`, (await scene(0)).jpeg({ quality: 60 }));
    await save(`${pictures}/test/dog/smaller.png`, (await scene(1)).resize(70, 70));
    await save(`${pictures}/train/dog/brighter.jpg`, (await scene(2)).linear(1.12, 5));
    await save(`${pictures}/train/dog/=mirrored.webp`, (await scene(3)).flop());
    const white = { create: { width: 40, height: 40, channels: 3, background: "white" } } as const;
    await save(`${pictures}/train/cat/white.png`, sharp(white));
    await Deno.writeTextFile(`${pictures}/train/cat/broken.jpg`, "no picture");

    const context = testContext({ command: "inspect" });
    const result = await inspect.run(tinyFolder(folder), context);
    const copies = result["copies"] as Copies[];
    assert.deepEqual(copies.map(({ kind, pictures }) => [kind, ...pictures.map(({ file }) => file)]), [
      ["alike", "train/cat/0.jpg", "test/cat/saved-again.jpg"],
      ["alike", "train/cat/2.jpg", "train/dog/brighter.jpg"],
      ["alike", "train/dog/1.jpg", "test/dog/smaller.png"],
      ["mirrored", "train/dog/3.jpg", "train/dog/=mirrored.webp"],
    ]);
    assert.deepEqual(copies[0]!.pictures.map((one) => [one.split, one.class]), [["train", "cat"], ["test", "cat"]]);
    const kinds = (result["warnings"] as { kind: string }[]).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["leak", "torn", "unreadable", "blank", "repeated"]);
    assert.equal((result["leftOut"] as { files: string[] }[])[0]!.files[0], "train/cat/broken.jpg");
    const page = await Deno.readTextFile(result["page"] as string);
    assert.match(page, /saved-again\.jpg/);
    assert.match(context.printed.join(), /to do: delete the copies from the test/);
  }));

Deno.test("the command that trains on a folder keeps the share that is held out and the cache, and skips damaged pictures", () =>
  inTemporaryFolder(async (folder) => {
    for (let at = 0; at < 8; at++) {
      await save(`${folder}/pictures/${at % 2 ? "dog" : "cat"}/${at}.jpg`, await scene(at));
    }
    const context = testContext({ command: "inspect" });
    const configuration = { ...tinyFolder(folder), holdOut: 0.3 };
    await inspect.run(configuration, context);
    const { images, cache } = configuration;
    const flags = `--images ${images} --hold-out 0.3 --cache ${cache} --run pictures`;
    assert.equal(context.printed.at(-1), `\`deno task pipeline --preset own-images ${flags}\` trains on them.`);

    await Deno.writeTextFile(`${folder}/pictures/cat/broken.jpg`, "no picture");
    await inspect.run(configuration, context);
    assert.match(context.printed.at(-1)!, / --hold-out 0\.3 --unreadable skip --cache /);
  }));

for (const [name, run] of [["Meine Bücher (neu)", "Meine-Bucher-neu"], ["写真", undefined]] as const) {
  Deno.test(`the command names the run after the folder "${name}" as far as a run can have the name`, () =>
    inTemporaryFolder(async (folder) => {
      const images = `${folder}/${name}`;
      for (let at = 0; at < 8; at++) await save(`${images}/${at % 2 ? "dog" : "cat"}/${at}.jpg`, await scene(at));
      const context = testContext({ command: "inspect" });
      await inspect.run({ ...tinyFolder(folder), images }, context);
      assert.equal(/ --run (\S+)`/.exec(context.printed.at(-1)!)?.[1], run);
    }));
}
