import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { findPictures } from "../../../data/image_folder/find_pictures.ts";
import { link, writeTree } from "../../support/picture_tree.ts";
import { outputOf } from "../../support/program.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const unix = Deno.build.os !== "windows";

/** Runs with the folders a and b, and shows what is found in them with paths below their parent. */
const inTrees = (
  run: (folder: string, find: () => Promise<{ a: string[]; b: string[]; leftOut: string[] }>) => Promise<void>,
) =>
  inTemporaryFolder(async (folder) => {
    await writeTree(folder, ["a/1.png", "a/2.png", "b/3.png"]);
    const short = (path: string) => path.slice(folder.length + 1);
    await run(folder, async () => {
      const { pictures: [a, b], leftOut } = await findPictures([`${folder}/a`, `${folder}/b`]);
      const reasons = leftOut.map(({ path, reason }) => `${short(path)}: ${reason}`);
      return { a: a!.map(short), b: b!.map(short), leftOut: reasons.toSorted() };
    });
  });

const alone = { a: ["a/1.png", "a/2.png"], b: ["b/3.png"] };

/** Links in the folder a that add no picture. */
const again: Record<string, readonly [path: string, target: string]> = {
  "to its own folder": ["a/self", "."],
  "to the folder above": ["a/up", ".."],
  "to a folder far above": ["a/root", "/"],
  "to a picture of its own": ["a/0.png", "1.png"],
};

for (const [what, [path, target]] of Object.entries(again)) {
  Deno.test(`a link ${what} is left out`, () =>
    inTrees(async (folder, find) => {
      await link(`${folder}/${path}`, target);
      assert.deepEqual(await find(), { ...alone, leftOut: [`${path}: linked again`] });
    }));
}

Deno.test("a link to a file or a folder elsewhere counts as its target, once", () =>
  inTrees(async (folder, find) => {
    await writeTree(folder, ["pool/4.png", "pool/more/5.png", "store/0a1b"]);
    await link(`${folder}/a/pool`, "../pool");
    await link(`${folder}/a/z/again`, "../../pool/more");
    await link(`${folder}/b/6.png`, "../store/0a1b");
    await link(`${folder}/pool/back`, "../a");
    assert.deepEqual(await find(), {
      a: ["a/1.png", "a/2.png", "a/pool/4.png", "a/pool/more/5.png"],
      b: ["b/3.png", "b/6.png"],
      leftOut: ["a/pool/back: linked again", "a/z/again: linked again"],
    });
  }));

Deno.test("links that lead to each other end", () =>
  inTrees(async (folder, find) => {
    await link(`${folder}/a/x.png`, "y.png");
    await link(`${folder}/a/y.png`, "x.png");
    assert.deepEqual(await find(), { ...alone, leftOut: ["a/x.png: dead link", "a/y.png: dead link"] });
  }));

const refused: Record<string, readonly [path: string, target: string]> = {
  "picture": ["a/9.png", "../b/3.png"],
  "folder": ["a/other", "../b"],
};

for (const [what, [path, target]] of Object.entries(refused)) {
  Deno.test(`a link to a ${what} of another class or split is refused`, () =>
    inTrees(async (folder, find) => {
      await link(`${folder}/${path}`, target);
      await assert.rejects(find(), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, new RegExp(`/${path} leads to .*/${target.slice(3)}, so pictures would be in two`));
        return true;
      });
    }));
}

Deno.test("two links of two classes to one picture are refused", () =>
  inTrees(async (folder, find) => {
    await writeTree(folder, ["pool/1.png"]);
    for (const path of ["a/9.png", "b/9.png"]) await link(`${folder}/${path}`, "../pool/1.png");
    await assert.rejects(find(), /b\/9\.png leads to .*a\/9\.png/);
  }));

Deno.test("what operating systems add is left out with all that is inside", () =>
  inTrees(async (folder, find) => {
    const added = ["__MACOSX", "@eaDir", "$RECYCLE.BIN", ".ipynb_checkpoints"].map((name) => `a/${name}/1.png`);
    await writeTree(folder, [...added, "a/Thumbs.db", "a/desktop.ini", "a/.DS_Store", "a/._1.png"]);
    const { leftOut, ...pictures } = await find();
    assert.deepEqual(pictures, alone);
    assert.equal(leftOut.length, 8);
    for (const line of leftOut) assert.match(line, /: system$/);
  }));

Deno.test("other files and formats are left out by kind; jfif is a picture", () =>
  inTrees(async (folder, find) => {
    await writeTree(folder, ["a/3.jfif", "a/4.HEIC", "a/5.bmp", "a/6.svg", "a/7.mp4", "a/notes.txt", "a/IMG_8"]);
    assert.deepEqual(await find(), {
      a: [...alone.a, "a/3.jfif"],
      b: alone.b,
      leftOut: [
        ...["a/4.HEIC: other format", "a/5.bmp: other format", "a/6.svg: other format"],
        ...["a/7.mp4: other", "a/IMG_8: other", "a/notes.txt: other"],
      ],
    });
  }));

Deno.test({
  name: "a folder that cannot be opened is left out",
  ignore: !unix || Deno.uid() === 0,
  fn: () =>
    inTrees(async (folder, find) => {
      await writeTree(folder, ["a/locked/1.png"]);
      await Deno.chmod(`${folder}/a/locked`, 0);
      assert.deepEqual(await find(), { ...alone, leftOut: ["a/locked: no access"] });
      await Deno.chmod(`${folder}/a/locked`, 0o700);
    }),
});

Deno.test({
  name: "a folder whose name is not UTF-8 is left out",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTrees(async (folder, find) => {
      await outputOf("sh", ["-c", `mkdir "$1/a/$(printf 'caf\\351')"`, "sh", folder]);
      assert.deepEqual(await find(), { ...alone, leftOut: ["a/caf\uFFFD: bad name"] });
    }),
});
