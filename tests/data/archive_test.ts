import assert from "node:assert/strict";
import { packTar, type TarEntry } from "modern-tar";
import { extractMembers, type Member } from "../../data/archive.ts";
import { InputError } from "../../data/input_error.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const content = new TextEncoder().encode("0123456789");
const file = (name: string, body = content): TarEntry => ({ header: { name, size: body.length, type: "file" }, body });

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Packs entries, extracts `set/a.bin` of exactly 10 bytes, and returns what lies in the target folder. */
async function extract(folder: string, entries: TarEntry[], change = (bytes: Uint8Array<ArrayBuffer>) => bytes) {
  const path = `${folder}/archive.tar.gz`;
  await Deno.writeFile(path, change(await gzip(await packTar(entries))));
  const member: Member = { path: "set/a.bin", bytes: { exactly: 10 }, target: `${folder}/out/a.bin` };
  await extractMembers(path, [member]);
}

async function written(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(`${folder}/out`))).map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("a member is written, the others are not", () =>
  inTemporaryFolder(async (folder) => {
    await extract(folder, [file("set/other.bin"), file("./set/a.bin"), file("../../evil"), file("/etc/evil")]);
    assert.deepEqual(await written(folder), ["a.bin"]);
    assert.deepEqual(await Deno.readFile(`${folder}/out/a.bin`), content);
  }));

const refused: Record<
  string,
  {
    entries: TarEntry[];
    change?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
    says: RegExp;
    leaves?: string[];
  }
> = {
  "a missing member": { entries: [file("set/b.bin")], says: /member set\/a\.bin is missing/ },
  "a member of another size": { entries: [file("set/a.bin", content.slice(1))], says: /has 9 bytes, not 10/ },
  "a member that is there twice": {
    entries: [file("set/a.bin"), file("set/a.bin")],
    says: /is there twice/,
    leaves: ["a.bin"],
  },
  "a link in a member's place": {
    entries: [{ header: { name: "set/a.bin", size: 0, type: "symlink", linkname: "/etc/passwd" } }],
    says: /is a symlink, not a file/,
  },
  "an archive that is cut off": {
    entries: [file("set/a.bin")],
    change: (bytes) => bytes.slice(0, bytes.length - 30),
    says: /not a whole gzipped tar archive/,
  },
  "a file that is no archive": {
    entries: [],
    change: () => new TextEncoder().encode("<html>"),
    says: /not a whole gzipped/,
  },
};

for (const [what, { entries, change, says, leaves = [] }] of Object.entries(refused)) {
  Deno.test(`refused: ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      await assert.rejects(extract(folder, entries, change), (error) =>
        error instanceof InputError && says.test(error.message));
      assert.deepEqual(await written(folder), leaves);
    }));
}
