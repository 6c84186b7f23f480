/** The inputs of the program: whole samples, their reader, and the properties that its result must have. */
import assert from "#assert";
import * as tf from "@tensorflow/tfjs";
import { packTar, type TarEntry } from "modern-tar";
import sharp from "sharp";
import { extractMembers, type Member } from "../../data/files/archive.ts";
import { catalogue } from "../../data/catalogue.ts";
import { decodeRecords, encodeRecord } from "../../data/cifar.ts";
import { type Dataset, decodeDataset, encodeDataset } from "../../data/dataset.ts";
import { decodeImages } from "../../data/decode_images.ts";
import { InputError } from "../../data/files/input_error.ts";
import { decodeSafetensors, encodeSafetensors, type SafeTensors } from "../../data/files/safetensors.ts";
import { noPlateau } from "../../model/schedule.ts";
import { configureTensorFlowJs } from "../../engine/library_settings.ts";
import { inferenceModel } from "../../export/inference_model.ts";
import { modelMetadata, withDigest } from "../../export/model_file.ts";
import { readCheckpoint, writeCheckpoint } from "../../pipeline/run/checkpoint.ts";
import { configurationOf } from "../../pipeline/cli/flags.ts";
import { Configuration } from "../../pipeline/configuration/fields.ts";
import { presets } from "../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { MetricsLog } from "../../pipeline/run/metrics_log.ts";
import { predict } from "../../pipeline/commands/predict/mod.ts";
import { networkOf } from "../../pipeline/run/described_network.ts";
import { runStage, type Stage, whyStale } from "../../pipeline/run/stage_record.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { testContext } from "../support/tiny_run.ts";
import { trainedState } from "../support/trained_state.ts";
import { pictureFolders } from "./folder_target.ts";
import type { FuzzTarget } from "./fuzz_target.ts";
import { structuredTargets } from "./structured_targets.ts";

// Without its greeting.
configureTensorFlowJs(tf);

const text = (value: string) => new TextEncoder().encode(value);

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const noise = (length: number, seed: number): Uint8Array<ArrayBuffer> => {
  const next = uniformNumbers(seed);
  return Uint8Array.from({ length }, () => 256 * next());
};

const tar = async (sizes: readonly number[]): Promise<Uint8Array<ArrayBuffer>> => {
  const files = sizes.map((size, at): TarEntry => ({
    header: { name: `set/${at}.bin`, size, type: "file" },
    body: noise(size, at),
  }));
  return new Uint8Array(await packTar([{ header: { name: "set/", size: 0, type: "directory" } }, ...files]));
};

const sizes = [700, 20];

/** @param packed whether the samples are packed, or are packed after they were changed, so that no checksum helps */
async function archives(folder: string, packed: boolean): Promise<FuzzTarget> {
  const tars = [await tar(sizes), await tar([...sizes, 5])];
  const path = `${folder}/archive.tar.gz`, out = `${folder}/out`;
  const members = sizes.map((exactly, at): Member => ({
    path: `set/${at}.bin`,
    bytes: { exactly },
    target: `${out}/${at}.bin`,
  }));
  const names = async () => (await Array.fromAsync(Deno.readDir(out))).map(({ name }) => name).toSorted();
  await Deno.mkdir(out, { recursive: true });
  return {
    samples: packed ? await Promise.all(tars.map(gzip)) : tars,
    async read(bytes) {
      for (const name of await names()) await Deno.remove(`${out}/${name}`);
      await Deno.writeFile(path, packed ? bytes : await gzip(bytes));
      try {
        await extractMembers(path, members);
      } catch (error) {
        assert.deepEqual(await names(), [], "nothing is left of an archive that was refused");
        throw error;
      }
      assert.deepEqual(await names(), ["0.bin", "1.bin"]);
      for (const [at, size] of sizes.entries()) {
        const content = await Deno.readFile(`${out}/${at}.bin`);
        assert.equal(content.length, size);
        if (packed) assert.deepEqual(content, noise(size, at));
      }
    },
  };
}

function records(): FuzzTarget {
  const ofLabels = (labels: readonly number[]) =>
    new Uint8Array(labels.flatMap((label) => [...encodeRecord(label, noise(3072, label))]));
  return {
    samples: [ofLabels([0, 9, 3]), ofLabels([5])],
    // deno-lint-ignore require-await -- the interface is asynchronous
    async read(bytes) {
      const { count, images, labels } = decodeRecords([{ name: "records.bin", bytes }], catalogue["cifar-10"]);
      assert.deepEqual([3073 * count, images.length], [bytes.length, 3072 * count]);
      assert.ok(labels.every((label) => label < 10));
    },
  };
}

async function pictures(folder: string): Promise<FuzzTarget> {
  const raw = { width: 24, height: 17, channels: 3 as const };
  const picture = () => sharp(noise(24 * 17 * 3, 1), { raw });
  const samples = await Promise.all([
    picture().png().toBuffer(),
    picture().jpeg().toBuffer(),
    picture().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer(),
    picture().webp().toBuffer(),
    picture().gif().toBuffer(),
    picture().tiff().toBuffer(),
    picture().avif().toBuffer(),
  ]);
  const path = `${folder}/picture.png`;
  return {
    samples: samples.map((bytes) => new Uint8Array(bytes)),
    async read(bytes) {
      await Deno.writeFile(path, bytes);
      const onUnreadable = (file: string, why: string) => {
        throw new InputError(`${file} cannot be decoded (${why})`);
      };
      const { images } = await decodeImages([{ path, label: 0 }], { size: 16, fit: "crop", onUnreadable });
      assert.equal(images.length, 16 * 16 * 3);
    },
  };
}

function tensorFiles(): FuzzTarget {
  const files: SafeTensors[] = [
    { tensors: { a: { shape: [2, 3], data: new Float32Array(6).fill(0.5) } }, metadata: { name: "a" } },
    {
      tensors: { b: { shape: [3], data: Uint8Array.of(1, 2, 3) }, c: { shape: [], data: Int32Array.of(4) } },
      metadata: {},
    },
  ];
  return {
    samples: files.map(encodeSafetensors),
    // deno-lint-ignore require-await -- the interface is asynchronous
    async read(bytes) {
      const { tensors } = decodeSafetensors(bytes, "file.safetensors");
      assert.ok(files.some((file) => equal({ ...tensors }, { ...file.tensors })), "it is one of those written");
    },
  };
}

function datasets(): FuzzTarget {
  const dataset = (seed: number): Dataset => ({
    ...{ name: "set", labels: ["a", "b"], imageShape: [2, 2, 3], mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    train: { count: 2, images: noise(24, seed), labels: Uint8Array.of(0, 1) },
    test: { count: 1, images: noise(12, seed + 1), labels: Uint8Array.of(1) },
  });
  const sets = [dataset(1), dataset(3)];
  return {
    samples: sets.map(encodeDataset),
    // deno-lint-ignore require-await -- the interface is asynchronous
    async read(bytes) {
      const read = decodeDataset(bytes, "dataset.safetensors");
      assert.ok(sets.some((set) => equal(read, set)), "it is one of those written");
    },
  };
}

async function checkpoints(folder: string): Promise<FuzzTarget> {
  const net = networkOf(resolveConfiguration("quick", undefined, { width: 2 }), { labels: ["a", "b"] });
  const settings = { seed: 1, from: undefined, augment: "none" };
  const position = {
    ...{ step: 12, validatedEpochs: 1, best: { step: 8, accuracy: 0.5 }, plateau: noPlateau, settings },
    ...{ epochLoss: 0.1, epochAccuracy: 0.2, epochSkipped: 0 },
  };
  const state = trainedState(net);
  const path = `${folder}/last.safetensors`;
  const sampleAt = async (step: number) => {
    await writeCheckpoint(path, { position: { ...position, step }, state });
    return await Deno.readFile(path);
  };
  return {
    samples: [await sampleAt(12), await sampleAt(13)],
    async read(bytes) {
      await Deno.writeFile(path, bytes);
      const read = await readCheckpoint(path, net, "");
      assert.ok([12, 13].includes(read.position.step));
      assert.ok(equal({ ...read.state }, { ...state }), "it is what was written");
    },
  };
}

function configurations(folder: string): FuzzTarget {
  const path = `${folder}/config.json`;
  return {
    samples: [
      ...Object.values(presets).slice(1).map(({ values }) => values),
      resolveConfiguration("quick", undefined, {}),
    ].map((values) => text(JSON.stringify(values, null, 2))),
    async read(bytes) {
      await Deno.writeFile(path, bytes);
      Configuration.parse(await configurationOf({ config: path }));
    },
  };
}

async function stageRecords(folder: string): Promise<FuzzTarget> {
  const stage: Stage = {
    name: "stage",
    record: `${folder}/stage.json`,
    settings: { epochs: 5, from: "a" },
    inputs: [`${folder}/in`],
    outputs: [`${folder}/out.bin`],
  };
  await Deno.writeTextFile(`${folder}/in`, "input");
  await runStage(stage, testContext(), () => Deno.writeTextFile(`${folder}/out.bin`, "output"));
  const sample = await Deno.readFile(stage.record);
  const recorded = JSON.parse(new TextDecoder().decode(sample));
  return {
    samples: [sample, text(JSON.stringify({ ...recorded, settings: { epochs: 6 } }))],
    async read(bytes) {
      await Deno.writeFile(stage.record, bytes);
      const why = await whyStale(stage);
      if (why !== undefined) return assert.doesNotMatch(why, /\n/);
      assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), recorded, "only what was recorded is up to date");
    },
  };
}

function metricsLogs(folder: string): FuzzTarget {
  const path = `${folder}/metrics.jsonl`;
  const lines = Array.from(
    { length: 8 },
    (_, at) => JSON.stringify({ step: at + 1, loss: 2.5 / (at + 1), accuracy: 0.1, learningRate: 0.05 }),
  );
  const means = { trainLoss: 1, trainAccuracy: 0.1, validationLoss: 1, validationAccuracy: 0.1 };
  const epoch = JSON.stringify({ epoch: 1, step: 4, ...means });
  return {
    samples: [text([...lines.slice(0, 4), epoch, ...lines.slice(4), ""].join("\n")), text("")],
    async read(bytes) {
      await Deno.writeFile(path, bytes);
      await MetricsLog.open(path, { step: 6, validatedEpochs: 1 });
      for (const line of (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "")) {
        const { step, epoch } = JSON.parse(line);
        assert.ok(step <= 6 || epoch <= 1, line);
      }
    },
  };
}

/** Exported models, given to the command that classifies pictures with them. */
async function models(folder: string): Promise<FuzzTarget> {
  const path = `${folder}/model.onnx`, picture = `${folder}/red.png`;
  await sharp({ create: { width: 20, height: 20, channels: 3, background: "red" } }).png().toFile(picture);
  const options = resolveConfiguration("quick", undefined, { model: path, top: 2, threads: 1 });
  const net = networkOf(resolveConfiguration("quick", undefined, { width: 2 }), { labels: ["a", "b"] });
  const normalisation = { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } as const;
  const model = (labels: readonly string[]) => {
    const input = "float32-nchw" as const;
    const metadata = modelMetadata({
      ...{ name: "set", labels, ...normalisation, input, fit: "crop", accuracy: 0.5, step: 1 },
      ...{ chosenOn: "none", testTimeAugmentation: "none", configuration: {} },
    });
    const shape = { imageShape: [8, 8, 3] as const, opset: 17, input, normalisation };
    return withDigest(inferenceModel(net, trainedState(net), { ...shape, description: "a network", metadata }));
  };
  const predictions = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    return (await predict.run(options, testContext({ operands: [picture], print() {} })))["predictions"];
  };
  const samples = [model(["a", "b"]), model(["c", "d"])];
  const expected: unknown[] = [];
  for (const sample of samples) expected.push(await predictions(sample));
  return {
    samples,
    async read(bytes) {
      const predicted = await predictions(bytes);
      assert.ok(expected.some((one) => equal(one, predicted)), "it predicts what an intact one does");
    },
  };
}

/** @param folder where the readers have their files; one target at a time reads there */
export async function fuzzTargets(folder: string): Promise<Record<string, FuzzTarget>> {
  const targets = {
    "archives": await archives(folder, true),
    "archives-unpacked": await archives(folder, false),
    "records": records(),
    "images": await pictures(folder),
    // Windows has neither pipes nor names of any bytes.
    ...Deno.build.os !== "windows" && { "picture-folders": await pictureFolders(`${folder}/folders`) },
    "safetensors": tensorFiles(),
    "data-sets": datasets(),
    "checkpoints": await checkpoints(folder),
    "configurations": configurations(folder),
    "stage-records": await stageRecords(folder),
    "metrics": metricsLogs(folder),
    "models": await models(folder),
  };
  const net = networkOf(resolveConfiguration("quick", undefined, { width: 2 }), { labels: ["a", "b"] });
  return { ...targets, ...await structuredTargets(folder, targets, net) };
}

function equal(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
