/**
 * Generates folders of pictures with links, pipes, odd names and names of splits, for the listing of a folder. The bytes of an
 * input choose what the folder holds, so that every input is a folder.
 */
import assert from "#assert";
import { createHash } from "node:crypto";
import { type ImageFolder, listImageFolder } from "../../data/image_folder/mod.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { makeTree, type Member } from "./tar_tree.ts";

/** The text that a binary string is in UTF-8. */
const textOf = (path: string): string => new TextDecoder().decode(Uint8Array.from(path, (c) => c.charCodeAt(0)));

/** The bytes of UTF-8 as a binary string. */
const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

/** Folders at the top, with the splits that they are; no name means that classes are at the top. */
const layouts: readonly Readonly<Record<string, Side>>[] = [
  {},
  {},
  { train: "train" },
  { Train: "train", TESTING: "test" },
  { training_set: "train", val: "validation", test: "test" },
  { "Train Images": "train", Validation: "validation" },
];
type Side = "train" | "validation" | "test";

const classes = ["a", "b", utf8("caf\u00e9")];
const names = [
  ...["x.png", "x.JPG", "x.jfif", "more", "deep", ".hidden.png", "Thumbs.db", "__MACOSX", "notes.txt", "old.bmp"],
  ...["caf\xe9.png", "\xff", utf8("\u202egnp.png"), "\x1b[2J.png", " .png", "-rf.png", "'\"$(x).png", "constructor"],
  ...["__proto__.png", "train", "TEST", "val", "1.png", "2.png"],
];
const targets = [
  ...[".", "..", "../..", "../../..", "/", "/dev/zero", "/proc/self", "nowhere", "x.png", "../a", "../b", "../a/1.png"],
  ...["../b/2.png", "../../test/a", "../../train/b/1.png", "../pool", "../../pool", "more", "deep/more"],
];

/** Builds a folder from bytes: its layout, then entries of four bytes each. */
export function folderOf(bytes: Uint8Array): { members: Member[]; layout: Readonly<Record<string, Side>> } {
  const pick = <T>(values: readonly T[], at: number): T => values[(bytes[at] ?? 0) % values.length]!;
  const layout = pick(layouts, 0);
  const members = new Map<string, Member>();
  const add = (path: string, kind: Member["kind"], content?: string) => {
    if (!members.has(path) && path.length <= 100) {
      members.set(path, { path, kind, ...content !== undefined && { content } });
    }
  };
  const folders: string[] = [];
  const addFolder = (path: string) => {
    add(path, "folder");
    if (members.get(path)?.kind === "folder" && !folders.includes(path)) folders.push(path);
  };
  const tops = Object.keys(layout);
  for (const top of tops) addFolder(top);
  for (const top of tops.length === 0 ? [""] : tops) {
    for (const name of classes) {
      const path = top === "" ? name : `${top}/${name}`;
      addFolder(path);
      for (const file of [1, 2]) add(`${path}/${file}.png`, "file", `${path} ${file}`);
    }
  }
  for (let at = 1; at + 3 < bytes.length; at += 4) {
    const path = `${pick(folders, at + 1)}/${pick(names, at + 2)}`;
    const make = {
      file: () => add(path, "file", bytes[at + 3]! % 8 === 0 ? "" : `content ${bytes[at + 3]}`),
      folder: () => addFolder(path),
      link: () => add(path, "link", pick(targets, at + 3)),
      pipe: () => add(path, "pipe"),
    };
    make[pick(["file", "folder", "link", "link", "link", "pipe"] as const, at)]();
  }
  return { members: [...members.values()], layout };
}

const isSystem = (name: string) => name.startsWith(".") || ["thumbs.db", "__macosx"].includes(name.toLowerCase());

/** The files that are really below the folders of classes, by path, with their class and side. */
function realFiles({ members, layout }: ReturnType<typeof folderOf>): Map<string, RealFile> {
  const depth = Object.keys(layout).length > 0 ? 1 : 0;
  return new Map(members.flatMap(({ path, kind, content }) => {
    const parts = path.split("/");
    if (kind !== "file" || content === "" || parts.length < depth + 2) return [];
    // A file whose name is not UTF-8 cannot be opened.
    const isPicture = /\.(png|jpg|jfif)$/i.test(path) && !parts.some(isSystem) && !textOf(path).includes("\uFFFD");
    return [[path, { name: parts[depth]!, isPicture, ...depth === 1 && { side: layout[parts[0]!]! } }]];
  }));
}

interface RealFile {
  readonly name: string;
  readonly side?: Side;
  /** It must be listed. Another file may be, by a link with the name of a picture. */
  readonly isPicture: boolean;
}

/** Checks a listing by the tree that was made: each real picture once, in its own class and split, and nothing else. */
async function check(found: ImageFolder, root: string, made: ReturnType<typeof folderOf>): Promise<void> {
  const expected = realFiles(made);
  const seen = new Set<string>();
  for (const side of ["train", "validation", "test"] as const) {
    for (const { path, label, digest } of found[side]) {
      const real = await Deno.realPath(path);
      assert.ok(!seen.has(real), `${path} is listed twice`);
      seen.add(real);
      assert.equal(createHash("sha256").update(await Deno.readFile(real)).digest("hex"), digest);
      const own = expected.get(utf8(real.slice(root.length + 1)));
      assert.ok(own, `${path} is no file of a class`);
      assert.equal(utf8(found.labels[label]!), own.name, path);
      const isDivided = found.isHeldOut && own.side !== "validation" && side !== "validation";
      assert.ok(own.side === side || isDivided, `${path} is in ${side}`);
    }
  }
  for (const [path, { isPicture }] of expected) {
    assert.ok(!isPicture || seen.has(`${root}/${textOf(path)}`), `${path} is not listed`);
  }
  const known = new Set([...found.train, ...found.validation, ...found.test, ...found.leftOut].map(({ path }) => path));
  for (const { path, kind } of made.members) {
    const above = textOf(path).split("/").map((_, at, parts) => `${root}/${parts.slice(0, at + 1).join("/")}`);
    if (kind === "file" || kind === "pipe") {
      assert.ok(above.some((one) => known.has(one)), `nothing says where ${path} is`);
    }
  }
}

/** @param folder where the generated folders are made, one after the other */
export async function pictureFolders(folder: string) {
  await Deno.mkdir(folder, { recursive: true });
  const root = `${await Deno.realPath(folder)}/pictures`;
  const samples = Array.from({ length: 64 }, (_, seed) => {
    const next = uniformNumbers(seed);
    return Uint8Array.from({ length: 1 + 4 * (seed % 16) }, () => 256 * next());
  });
  return {
    samples,
    async read(bytes: Uint8Array): Promise<void> {
      const made = folderOf(bytes);
      await makeTree(root, made.members);
      await check(await listImageFolder(root, 0.5), root, made);
    },
  };
}
