import assert from "#assert";
import { packTar, type TarEntry } from "modern-tar";
import { extractMembers, type Member } from "../../../data/files/archive.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const content = new TextEncoder().encode("0123456789");
const file = (name: string, body = content): TarEntry => ({ header: { name, size: body.length, type: "file" }, body });

const folderEntry = (name: string): TarEntry => ({ header: { name, size: 0, type: "directory" } });
const special = (name: string, type: TarEntry["header"]["type"] & string, linkname = ""): TarEntry => ({
  header: { name, size: 0, type, linkname },
});

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
    await extract(folder, [folderEntry("set"), file("set/other.bin"), file("./set/a.bin"), file("readme..html")]);
    assert.deepEqual(await written(folder), ["a.bin"]);
    assert.deepEqual(await Deno.readFile(`${folder}/out/a.bin`), content);
  }));

const refused: Record<
  string,
  {
    entries: TarEntry[];
    change?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
    says: RegExp;
  }
> = {
  "a missing member": { entries: [file("set/b.bin")], says: /member set\/a\.bin is missing/ },
  "a member of another size": { entries: [file("set/a.bin", content.slice(1))], says: /has 9 bytes, not 10/ },
  "a member that is there twice": { entries: [file("set/a.bin"), file("set/a.bin")], says: /is there twice/ },
  "another member that is there twice": {
    entries: [file("set/a.bin"), file("set/b.bin"), file("./set/b.bin")],
    says: /member set\/b\.bin is there twice/,
  },
  "a link in a member's place": {
    entries: [special("set/a.bin", "symlink", "/etc/passwd")],
    says: /is a symlink, not a file/,
  },
  "a link elsewhere": {
    entries: [file("set/a.bin"), special("set/b", "symlink", "../..")],
    says: /member set\/b is a symlink, not a file/,
  },
  "a hard link": { entries: [file("set/a.bin"), special("set/b", "link", "set/a.bin")], says: /is a link, not a file/ },
  "a device": { entries: [file("set/a.bin"), special("set/b", "block-device")], says: /is a block-device, not a file/ },
  "a named pipe": { entries: [special("set/a.bin", "fifo")], says: /is a fifo, not a file/ },
  "a folder in a member's place": { entries: [folderEntry("set/a.bin")], says: /member set\/a\.bin\/? is/ },
  "an absolute path": { entries: [file("set/a.bin"), file("/etc/evil")], says: /\/etc\/evil would lie outside/ },
  "a path that leads out": { entries: [file("set/a.bin"), file("set/../../evil")], says: /evil would lie outside/ },
  "a path that leads out on Windows": {
    entries: [file("set/a.bin"), file("set\\..\\evil")],
    says: /would lie outside/,
  },
  "a path on a drive": { entries: [file("set/a.bin"), file("C:evil")], says: /would lie outside/ },
  "a member nobody wants that unpacks to more than is possible": {
    entries: [file("set/a.bin"), file("set/bomb", new Uint8Array(17 * 2 ** 20))],
    says: /unpacks to more than the 16777226 bytes that it may have/,
  },
  "an archive that is cut off": {
    entries: [file("set/a.bin")],
    change: (bytes) => bytes.slice(0, bytes.length - 30),
    says: /not a whole gzipped tar archive/,
  },
  "an archive whose checksum is another": {
    entries: [file("set/a.bin")],
    change: (bytes) => bytes.with(bytes.length - 6, 1),
    says: /not a whole gzipped tar archive/,
  },
  "a file that is no archive": {
    entries: [],
    change: () => new TextEncoder().encode("<html>"),
    says: /not a whole gzipped/,
  },
};

for (const [what, { entries, change, says }] of Object.entries(refused)) {
  Deno.test(`refused: ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      await assert.rejects(extract(folder, entries, change), (error) =>
        error instanceof InputError && says.test(error.message));
      assert.deepEqual(await written(folder), []);
    }));
}

Deno.test("nothing is written of an archive whose extraction is stopped, or that is not there", () =>
  inTemporaryFolder(async (folder) => {
    await extract(folder, [file("set/a.bin")]);
    await Deno.remove(`${folder}/out/a.bin`);
    const member: Member = { path: "set/a.bin", bytes: { exactly: 10 }, target: `${folder}/out/a.bin` };
    const reason = new Error("stopped");
    await assert.rejects(extractMembers(`${folder}/archive.tar.gz`, [member], AbortSignal.abort(reason)), reason);
    await assert.rejects(extractMembers(`${folder}/none`, [member]), /cannot read .*none/);
    await assert.rejects(extractMembers(folder, [member]), InputError);
    assert.deepEqual(await written(folder), []);
  }));
