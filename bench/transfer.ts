/**
 * Compares training from the carried weights with training from scratch, on few pictures a class of a folder:
 *
 *     deno run -A bench/transfer.ts FOLDER [--pictures 10:60,50:40,200:20] [--seeds 3] [--arms scratch,network,carried]
 *       [--output .cache/transfer] [-- FLAGS]
 *
 * `--pictures` has the training pictures a class and their epochs. Each seed draws other pictures, the same for every arm; all
 * test pictures measure. FLAGS go to every `train`, such as `--augment pad-crop:1` for digits. The table is written after each
 * cell. The same command continues a comparison that was stopped, and measures the arms of the carried weights again after
 * these have changed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import process from "node:process";
import { z } from "zod";
import { parseArgs } from "#parse-args";
import { writeFileAtomic } from "../data/files/files.ts";
import { listImageFolder } from "../data/image_folder/mod.ts";
import { typicalSide } from "../data/image_folder/typical_side.ts";
import { suitedSide } from "../data/suited_side.ts";
import { configurationOf, parseFlags } from "../pipeline/cli/flags.ts";
import type { Context } from "../pipeline/cli/command.ts";
import { trainAlone } from "../pipeline/commands/experiment/turns.ts";
import { preprocess } from "../pipeline/commands/preprocess.ts";
import { train } from "../pipeline/commands/train.ts";
import { fieldInfo } from "../pipeline/configuration/fields.ts";
import { pretrainedRun } from "../pipeline/configuration/pretrained.ts";
import { evaluateStage } from "../pipeline/evaluation/evaluate_stage.ts";
import { readEvaluation } from "../pipeline/run/evaluation_file.ts";
import { readJsonIfThere, writeJson } from "../pipeline/run/json_file.ts";
import { runPaths } from "../pipeline/run/paths.ts";
import { arms, type Cell, cellsOf, isArm, isCarried, parseSizes, trainingFlags } from "./transfer_cells.ts";
import { drawPictures, type Pictures, writeSubset } from "./transfer_subset.ts";
import { Measured, transferTable } from "./transfer_table.ts";

const DEFAULTS = {
  pictures: "10:60,50:40,200:20",
  seeds: "3",
  arms: "scratch,network,carried",
  output: ".cache/transfer",
};

/** A finished cell; another key would have trained otherwise. */
const Finished = Measured.extend({ key: z.string() });
type Finished = z.output<typeof Finished>;

/** All that the cells share. */
interface Comparison {
  readonly folder: string;
  readonly pictures: Pictures;
  readonly imageSize: number;
  /** Flags of every training. */
  readonly flags: readonly string[];
  /** SHA-256 of the carried weights. */
  readonly weights: string;
}

const separator = Deno.args.indexOf("--");
const { values, positionals } = parseArgs({
  args: separator < 0 ? Deno.args : Deno.args.slice(0, separator),
  allowPositionals: true,
  options: {
    pictures: { type: "string", default: DEFAULTS.pictures },
    seeds: { type: "string", default: DEFAULTS.seeds },
    arms: { type: "string", default: DEFAULTS.arms },
    output: { type: "string", default: DEFAULTS.output },
  },
});
const seeds = Number(values.seeds), names = values.arms.split(","), columns = names.filter(isArm);
if (positionals.length !== 1 || columns.length < names.length || !(Number.isInteger(seeds) && seeds > 0)) {
  console.error(
    `Usage: deno run -A bench/transfer.ts FOLDER [--pictures ${DEFAULTS.pictures}] [--seeds ${DEFAULTS.seeds}]
  [--arms ${Object.keys(arms)}] [--output ${DEFAULTS.output}] [-- FLAGS of train]`,
  );
  Deno.exit(2);
}
const sizes = parseSizes(values.pictures);
const comparison = await readComparison(resolve(positionals[0]!), separator < 0 ? [] : Deno.args.slice(separator + 1));
const output = `${values.output}/${basename(positionals[0]!)}`, file = `${output}/transfer.json`;
const finished = new Map((await readFinished(file)).map((cell) => [cell.key, cell]));
const cells = cellsOf(sizes, columns, seeds).map((cell) => ({ cell, key: keyOf(cell, comparison) }));
for (const [at, { cell, key }] of cells.entries()) {
  if (finished.has(key)) continue;
  console.error(
    `transfer: ${at + 1} of ${cells.length}, ${cell.arm}, ${cell.pictures} pictures a class, seed ${cell.seed}`,
  );
  finished.set(key, await measure(cell, key, comparison, output));
  await writeJson(file, [...finished.values()]);
  await writeFileAtomic(`${output}/transfer.md`, `${tableOf(cells)}\n`);
}
console.log(tableOf(cells));

async function readFinished(path: string): Promise<Finished[]> {
  return await readJsonIfThere(path, z.array(Finished), "bench/transfer.ts", "remove it") ?? [];
}

function tableOf(wanted: readonly { readonly key: string }[]): string {
  const done = wanted.flatMap(({ key }) => finished.get(key) ?? []);
  const minutes = done.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0) / 60;
  const table = transferTable(done, sizes, columns, comparison.pictures.labels.length);
  const count = `${comparison.pictures.test.length} test pictures, ${seeds} seed${
    seeds === 1 ? "" : "s"
  }: mean (least to greatest)`;
  return `${table}\n\n${count}. ${done.length} of ${wanted.length} cells took ${
    minutes.toFixed(1)
  } minutes of processor time.`;
}

/** Reads the folder; pictures that are held out without a test split are the same for every cell. */
async function readComparison(folder: string, flags: readonly string[]): Promise<Comparison> {
  const { initial } = fieldInfo("holdOut");
  const pictures = await listImageFolder(folder, initial as number);
  const weights = createHash("sha256").update(await Deno.readFile(pretrainedRun().weights)).digest("hex");
  const { imageSize } = parseFlags(train, flags).given;
  const size = imageSize === undefined ? suitedSide(await typicalSide(folder) ?? 0) : Number(imageSize);
  return { folder, pictures, imageSize: size, flags, weights };
}

/** Identifies everything that decides the result of a cell, but for the program. */
function keyOf(cell: Cell, { pictures, imageSize, flags, weights }: Comparison): string {
  const files = [pictures.train, pictures.test].map((files) => files.map(({ label, digest }) => [label, digest]));
  return digestOf(cell, trainingFlags(cell, imageSize, flags), imageSize, files, isCarried(cell.arm) ? weights : "");
}

/** Trains a cell and measures it on the test pictures. */
async function measure(cell: Cell, key: string, { pictures, imageSize, flags }: Comparison, output: string) {
  const begun = process.cpuUsage();
  const images = `${output}/pictures/${cell.pictures}-seed${cell.seed}-${digestOf(pictures)}`;
  await writeSubset(images, pictures, cell.pictures, cell.seed);
  const places = [
    "--images",
    images,
    "--cache",
    `${output}/cache`,
    "--runs",
    `${output}/runs`,
    "--run",
    `${cell.arm}-${key}`,
  ];
  const words = [...trainingFlags(cell, imageSize, flags), "--image-size", String(imageSize), ...places];
  const configuration = await configurationOf(parseFlags(train, words));
  const context = quietContext();
  await preprocess.run(configuration, context);
  await trainAlone(configuration, context);
  await evaluateStage({ ...configuration, checkpoint: "last", testTimeAugmentation: "none" }, context);
  const { accuracy } = await readEvaluation(runPaths(configuration), "last");
  const { user, system } = process.cpuUsage(begun);
  const trained = drawPictures(pictures.train, cell.pictures, cell.seed).length;
  return { ...cell, key, trained, accuracy, processorSeconds: (user + system) / 1e6 };
}

function quietContext(): Context {
  const { signal } = new AbortController();
  return { command: "train", force: false, resume: true, quiet: true, signal, log() {}, stopped() {}, print() {} };
}

function digestOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
