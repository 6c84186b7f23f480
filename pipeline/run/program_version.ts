/**
 * The version of this program: processes on two machines compare it before they train together.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rooms = ["data", "engine", "model", "onnx", "pipeline"];

/** A digest of the sources that training runs, of the package versions and of Deno's version. */
export async function programVersion(): Promise<string> {
  const files = ["deno.lock"];
  for (const room of rooms) await collect(room, files);
  const hash = createHash("sha256").update(Deno.version.deno);
  for (const file of files.toSorted()) hash.update(file).update(await Deno.readFile(root + file));
  return hash.digest("hex").slice(0, 16);
}

async function collect(folder: string, files: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) await collect(`${folder}/${name}`, files);
    else files.push(`${folder}/${name}`);
  }
}
