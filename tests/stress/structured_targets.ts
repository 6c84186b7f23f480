/** Inputs with structured damage, their readers, and the properties of what may be read from them. */
import assert from "#assert";
import { decodeDataset } from "../../data/dataset.ts";
import { decodeSafetensors } from "../../data/files/safetensors.ts";
import type { Network } from "../../model/network.ts";
import { predict, type Prediction } from "../../pipeline/commands/predict/mod.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { liveState } from "../../pipeline/report/live.ts";
import { documentOf, reportOf } from "../../pipeline/report/page.ts";
import { readRuns } from "../../pipeline/report/reported_runs.ts";
import { readCheckpoint } from "../../pipeline/run/checkpoint.ts";
import { testContext } from "../support/tiny_run.ts";
import type { FuzzTarget } from "./fuzz_target.ts";
import { damagedJson, damagedLines, damagedModel, damagedSet, damagedTensors } from "./structured_damage.ts";

type Targets = Readonly<Record<"safetensors" | "data-sets" | "checkpoints" | "models", FuzzTarget>>;
type JsonTargets = Readonly<Record<"configurations" | "stage-records" | "metrics", FuzzTarget>>;

/**
 * @param targets whose samples are damaged
 * @param net the network of the checkpoints
 */
export async function structuredTargets(
  folder: string,
  targets: Targets & JsonTargets,
  net: Network,
): Promise<Record<string, FuzzTarget>> {
  return {
    "safetensors-structure": { ...targets.safetensors, damage: damagedTensors, read: readTensors },
    "data-sets-structure": { ...targets["data-sets"], damage: damagedTensors, read: readDataset },
    "checkpoints-structure": { ...targets.checkpoints, damage: damagedTensors, read: checkpointReader(folder, net) },
    "models-structure": { ...targets.models, damage: damagedModel, read: modelReader(folder) },
    "configurations-structure": { ...targets.configurations, damage: damagedJson },
    "stage-records-structure": { ...targets["stage-records"], damage: damagedJson },
    "metrics-structure": { ...targets.metrics, damage: damagedLines },
    "run-files-structure": { samples: [await runFiles()], damage: damagedSet, read: runReader(folder) },
  };
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

// deno-lint-ignore require-await -- the interface is asynchronous
async function readTensors(bytes: Uint8Array): Promise<void> {
  const { tensors, metadata } = decodeSafetensors(bytes, "file.safetensors");
  for (const { shape, data } of Object.values(tensors)) assert.equal(data.length, size(shape));
  for (const text of Object.values(metadata)) assert.equal(typeof text, "string");
}

// deno-lint-ignore require-await -- the interface is asynchronous
async function readDataset(bytes: Uint8Array): Promise<void> {
  const { labels, mean, std, imageShape, train, test } = decodeDataset(bytes, "dataset.safetensors");
  assert.ok(labels.length >= 2 && labels.every((label) => typeof label === "string" && !/[\n\r\0]/.test(label)));
  for (const value of [...mean, ...std]) assert.ok(value >= 0 && value <= 1);
  for (const { count, images, labels: classes } of [train, test]) {
    assert.deepEqual([images.length, classes.length], [count * size(imageShape), count]);
    assert.ok(count > 0 && classes.every((label) => label < labels.length));
  }
}

const checkpointReader = (folder: string, net: Network) => async (bytes: Uint8Array) => {
  const path = `${folder}/structure.safetensors`;
  await Deno.writeFile(path, bytes);
  const { position, state } = await readCheckpoint(path, net, "");
  assert.ok(Number.isSafeInteger(position.step) && position.step >= 0);
  for (const { shape, data } of Object.values(state)) {
    assert.equal(data.length, size(shape));
    assert.ok(data.every(Number.isFinite));
  }
};

/** Reads the model that the target of models writes, with the picture that it writes. */
const modelReader = (folder: string) => async (bytes: Uint8Array) => {
  const model = `${folder}/model.onnx`, printed: string[] = [];
  await Deno.writeFile(model, bytes);
  const options = resolveConfiguration("quick", undefined, { model, top: 2, threads: 1 });
  const context = testContext({ operands: [`${folder}/red.png`], print: (text) => printed.push(text) });
  const { predictions } = await predict.run(options, context);
  const [prediction] = predictions as Prediction[];
  assert.ok(prediction && "classes" in prediction);
  for (const { probability } of prediction.classes) assert.ok(probability >= 0 && probability < 1.01);
  assert.ok(printed.length === 1 && printed[0]!.length < 1000 && !/NaN|\n/.test(printed[0]!));
};

/** The files of a run as JSON of texts by name. */
async function runFiles(): Promise<Uint8Array<ArrayBuffer>> {
  const results = new URL("../../docs/results/", import.meta.url);
  const textOf = (path: string) => Deno.readTextFile(new URL(path, results));
  const time = "2024-01-01T00:00:00.000Z";
  const begin = { event: "begin", time, engine: "cpu", step: 0, steps: 8, stepsPerEpoch: 4, batch: 2 };
  const set = {
    "config.json": await textOf("quick/config.json"),
    "evaluation.json": await textOf("quick/evaluation.json"),
    "parity.json": await textOf("quick/parity.json"),
    "metrics.jsonl": (await textOf("quick/metrics.jsonl")).split("\n").filter((_, at) => at < 60).join("\n"),
    "branch_correlation.json": await textOf("table1/branch_correlation.json"),
    "sessions.jsonl": [begin, { event: "end", time, step: 8, seconds: 2, imagesPerSecond: 8 }]
      .map((line) => JSON.stringify(line)).join("\n"),
  };
  return new TextEncoder().encode(JSON.stringify(set));
}

/** Reads a run as its report and `watch` do. */
const runReader = (folder: string) => async (bytes: Uint8Array) => {
  const run = "constructor";
  await Deno.mkdir(`${folder}/${run}`, { recursive: true });
  const set: Record<string, string> = JSON.parse(new TextDecoder().decode(bytes));
  for (const [name, text] of Object.entries(set)) await Deno.writeTextFile(`${folder}/${run}/${name}`, text);
  const runs = await readRuns({ run, runs: folder, cache: folder }, () => Promise.resolve({ missing: "no data set" }));
  const page = documentOf(run, await reportOf(runs));
  assert.match(page, /<\/html>/);
  assert.doesNotMatch(page.replace(/<style>.*?<\/style>/s, ""), /undefined|\[object |Infinity/);
  assert.doesNotMatch(liveState(runs[0].data, 1e12, 1e12).words, /undefined|\[object |Infinity/);
};
