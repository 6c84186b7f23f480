/**
 * Digests of this program's sources: they tell versions of the program apart.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Returns a digest of the sources in some folders of the repository, of the package versions and of Deno's version. */
export async function sourceDigest(folders: readonly string[]): Promise<string> {
  const files = ["deno.lock"];
  for (const folder of folders) await collect(folder, files);
  const hash = createHash("sha256").update(Deno.version.deno);
  const contents = await Promise.all(files.sort().map((file) => Deno.readFile(root + file)));
  contents.forEach((content, at) => hash.update(files[at]!).update(content));
  return hash.digest("hex").slice(0, 16);
}

async function collect(folder: string, files: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (!isDirectory) files.push(`${folder}/${name}`);
    else if (name !== "node_modules") await collect(`${folder}/${name}`, files);
  }
}
