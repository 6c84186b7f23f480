/** Makes trees of files, links and pipes with names of any bytes: as an archive that the system's tar unpacks at once. */

/** A member of a tree. Paths and targets are binary strings: a character is a byte. */
export interface Member {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "pipe";
  /** Content of a file, target of a link. */
  readonly content?: string;
}

const types = { file: "0", folder: "5", link: "2", pipe: "6" } as const;
const BLOCK = 512;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Writes a header of ustar, whose fields are at fixed places. */
function headerOf({ path, kind, content = "" }: Member): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(bytesOf(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(0, path);
  put(100, "0000700\0");
  put(124, `${octal(kind === "file" ? content.length : 0, 11)} `);
  put(136, `${octal(1e9, 11)} `);
  put(148, " ".repeat(8));
  put(156, types[kind]);
  if (kind === "link") put(157, content);
  put(257, "ustar\x0000");
  put(148, `${octal(header.reduce((a, b) => a + b), 6)}\0 `);
  return header;
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const blocks = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  blocks.set(bytes);
  return blocks;
};

/** Replaces a folder by a tree; folders come before what is in them. Paths and targets have at most 100 bytes. */
export async function makeTree(folder: string, members: readonly Member[]): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const parts = members.flatMap((member) => {
    const header = headerOf(member);
    return member.kind === "file" ? [header, padded(bytesOf(member.content ?? ""))] : [header];
  });
  const args = ["-x", "-P", "-f", "-", "-C", folder];
  const tar = new Deno.Command("tar", { args, stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
  const archive = new Blob([...parts, new Uint8Array(2 * BLOCK)] as Uint8Array<ArrayBuffer>[]);
  await archive.stream().pipeTo(tar.stdin);
  const { success, stderr } = await tar.output();
  if (!success) throw new Error(`tar: ${new TextDecoder().decode(stderr)}`);
}
