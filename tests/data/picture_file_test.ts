import assert from "#assert";
import { createHash } from "node:crypto";
import { type FileFault, MOST_BYTES, pictureDigest, PictureFileError, pictureSize } from "../../data/picture_file.ts";
import { link } from "../support/picture_tree.ts";
import { outputOf } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const linux = Deno.build.os === "linux";

Deno.test("the digest is SHA-256 of the bytes, in one piece or in many", () =>
  inTemporaryFolder(async (folder) => {
    for (const size of [3, 3 << 20]) {
      const bytes = new Uint8Array(size).map((_, at) => at * 31);
      await Deno.writeFile(`${folder}/a.png`, bytes);
      assert.equal(await pictureSize(`${folder}/a.png`), size);
      assert.equal(await pictureDigest(`${folder}/a.png`), createHash("sha256").update(bytes).digest("hex"));
    }
  }));

const faults: Partial<Record<FileFault, (path: string) => Promise<unknown>>> = {
  "empty": (path) => Deno.writeTextFile(path, ""),
  "too large": async (path) => {
    using file = await Deno.open(path, { write: true, createNew: true });
    // Sparse: it has 6 GiB and takes no room.
    await file.truncate(6 * 2 ** 30);
  },
  "dead link": (path) => link(path, "nowhere.png"),
  ...linux && {
    "no file": (path: string) => outputOf("mkfifo", [path]),
    "bad name": (path: string) =>
      outputOf("sh", ["-c", `echo 1 > "$(dirname "$1")/$(printf '\\351.png')"`, "sh", path]),
  },
};

for (const [fault, make] of Object.entries(faults)) {
  Deno.test(`a file is refused before it is opened: ${fault}`, () =>
    inTemporaryFolder(async (folder) => {
      await make(`${folder}/a.png`);
      const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
      for (const read of [pictureSize, pictureDigest]) {
        await assert.rejects(
          read(`${folder}/${name}`),
          (error) => error instanceof PictureFileError && error.fault === fault,
        );
      }
    }));
}

Deno.test({
  name: "a device is refused before it is opened",
  ignore: !linux,
  fn: () => assert.rejects(pictureDigest("/dev/zero"), /it is a pipe or a device/),
});

Deno.test("the limit holds the pixels of the largest picture, four bytes each", () =>
  assert.equal(MOST_BYTES, 2 ** 27 * 4));
