/** A data set of a few noisy pictures and a network of a few filters, so that whole stages run in a moment. */
import { catalogue } from "../../data/catalogue.ts";
import { encodeDataset, type Split } from "../../data/dataset.ts";
import { writeFileAtomic } from "../../data/files/files.ts";
import { shapeNames } from "../../data/shapes.ts";
import type { Context } from "../../pipeline/cli/command.ts";
import { type Configuration, type Field, fieldInfo, type Given } from "../../pipeline/configuration/fields.ts";
import { presets } from "../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { datasetPaths } from "../../pipeline/run/paths.ts";
import { uniformNumbers } from "./random_tensors.ts";
import { shareSessions } from "./shared_sessions.ts";

/** The class of a picture shows in its brightness. */
function pictures(count: number, seed: number): Split {
  const next = uniformNumbers(seed);
  const labels = Uint8Array.from({ length: count }, (_, at) => at % catalogue.shapes.classes);
  const images = Uint8Array.from(
    { length: count * 3072 },
    (_, at) => 20 * labels[Math.floor(at / 3072)]! + 50 * next(),
  );
  return { count, images, labels };
}

/** The defaults of the fields that the preset quick sets for the embedded data set. */
const plainRecipe = Object.fromEntries(
  Object.keys(presets.quick.ofShapes).map((field) => [field, fieldInfo(field as Field).initial]),
) as Given;

/** Resolves a configuration of the defaults and some fields. */
export const withDefaults = (fields: Given = {}): Configuration =>
  resolveConfiguration("quick", undefined, { ...plainRecipe, ...fields });

/** Writes the data set below `folder`, and resolves a configuration that trains on it there. */
export async function tinyRun(folder: string, fields: Given = {}, testImages = 20): Promise<Configuration> {
  const configuration = withDefaults({
    cache: `${folder}/cache`,
    runs: `${folder}/runs`,
    run: "tiny",
    width: 2,
    epochs: 2,
    batch: 10,
    logEvery: 1,
    engine: "onnxruntime",
    // More threads than there is work for wait in loops, which is processor time that other tests need.
    threads: 1,
    validation: "test",
    parityImages: 4,
    ...fields,
  });
  const dataset = {
    name: "shapes",
    labels: shapeNames,
    imageShape: [32, 32, 3] as const,
    mean: [0.5, 0.5, 0.5] as const,
    std: [0.25, 0.25, 0.25] as const,
    train: pictures(45, 1),
    test: pictures(testImages, 2),
  };
  shareSessions(configuration.cache);
  await writeFileAtomic(datasetPaths(configuration).decoded, encodeDataset(dataset));
  return configuration;
}

export interface TestContext extends Context {
  /** Logged lines. */
  readonly lines: string[];
  /** Printed texts. */
  readonly printed: string[];
}

export function testContext(fields: Partial<Context> = {}): TestContext {
  const lines: string[] = [], printed: string[] = [];
  const signal = new AbortController().signal;
  const log = (line: string) => lines.push(line), print = (text: string) => printed.push(text);
  const stopped = (where: string, next: string) => lines.push(`${where}; continue with`, next);
  return {
    command: "train",
    stopped,
    force: false,
    resume: false,
    quiet: true,
    signal,
    log,
    print,
    lines,
    printed,
    ...fields,
  };
}
