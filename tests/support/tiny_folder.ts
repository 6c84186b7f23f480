/** A folder of pictures of one colour each, and a configuration that trains on it in a moment. */
import type { Configuration, Given } from "../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { writePlain } from "./colour_pictures.ts";
import { shareSessions } from "./shared_sessions.ts";

/** Pictures of a class. */
const PICTURES = 12;

/** Writes twelve different pictures of each class; the class shows in the colour. */
export async function writeClasses(folder: string, classes: readonly string[], pictures = PICTURES): Promise<void> {
  for (const [label, name] of classes.entries()) {
    for (let at = 0; at < pictures; at++) {
      await writePlain(`${folder}/${name}/${at}.png`, [60 * label, at, 10 * at], 16, 8);
    }
  }
}

/** Resolves a configuration for the folder `pictures` below a folder. */
export function tinyFolder(folder: string, fields: Given = {}): Configuration {
  const configuration = resolveConfiguration("quick", undefined, {
    ...{
      cache: `${folder}/cache`,
      runs: `${folder}/runs`,
      run: "tiny",
      dataset: "folder",
      images: `${folder}/pictures`,
    },
    ...{ imageSize: 8, width: 2, batch: 4, epochs: 1, parityImages: 1, engine: "onnxruntime", threads: 1, logEvery: 1 },
    ...fields,
  });
  shareSessions(configuration.cache);
  return configuration;
}
