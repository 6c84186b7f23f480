/**
 * The example service beside the work it does, in turns: its throughput at 64 connections beside a bare loop over the
 * session, its latency with one connection beside decoding and running. Where other programs take the processors too, the
 * time of processors that an image takes is the better measure. Needs wrk (`apt-get install wrk`).
 *
 *     deno run -A bench/service_speed.ts FOLDER
 *
 * FOLDER is an export for Hugging Face. The loop runs batches of the size that the service had on average.
 *
 * @module
 */
import process from "node:process";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { median } from "../engine/median.ts";
import { decodePicture } from "../examples/deno/picture.ts";
import { scratchFolder } from "./scratch_folder.ts";
import { startService } from "./service_process.ts";

const ROUNDS = 5, SECONDS = 4, CONNECTIONS = 64;

/** A request for wrk, as its script. */
interface Load {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

async function writeScript(folder: string, { headers, body }: Load): Promise<string> {
  const path = await Deno.makeTempFile({ dir: folder, suffix: ".lua" });
  await Deno.writeFile(`${path}.body`, body);
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  const read = `local file = io.open("${path}.body", "rb"); wrk.body = file:read("*a"); file:close()`;
  await Deno.writeTextFile(path, [`wrk.method = "POST"`, read, ...lines].join("\n"));
  return path;
}

/** Returns requests a second, and the median latency in milliseconds. */
async function wrk(url: string, script: string, connections: number): Promise<{ rate: number; latency: number }> {
  const args = ["-t1", `-c${connections}`, `-d${SECONDS}`, "--latency", "-s", script, url];
  const { stdout, stderr } = await new Deno.Command("wrk", { args }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text), latency = /50%\s+([\d.]+)(us|ms|s)/.exec(text);
  if (!rate || !latency || text.includes("Non-2xx")) throw new Error(`wrk: ${text}`);
  return { rate: Number(rate[1]), latency: Number(latency[1]) * { us: 1e-3, ms: 1, s: 1e3 }[latency[2] as "ms"] };
}

async function batchesOf(url: string): Promise<{ batches: number; images: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counter = (name: string) => Number(new RegExp(`^shakenet_${name}_total (\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { batches: counter("batches"), images: counter("images") };
}

interface Speed {
  readonly rate: number;
  /** Milliseconds of the median call. */
  readonly latency: number;
  /** Milliseconds of processors that a call takes. */
  readonly processors: number;
}

/** Calls a function for a while. */
async function repeated(call: () => Promise<unknown>): Promise<Speed> {
  const times: number[] = [], before = process.cpuUsage();
  for (const begin = performance.now(); performance.now() - begin < 1000 * SECONDS / 2;) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before), seconds = times.reduce((sum, time) => sum + time) / 1000;
  return { rate: times.length / seconds, latency: median(times), processors: (user + system) / 1000 / times.length };
}

function picture(side: number, format: "png" | "jpeg"): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => 127 + 100 * Math.sin(at / 50) + at * 7 % 23);
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFormat(format).toBuffer();
}

if (import.meta.main) {
  const [folder, program] = Deno.args;
  const json = async (name: string) => JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
  const { image_size: size, architectures } = await json("config.json"),
    { fit } = await json("preprocessor_config.json");
  const session = await ort.InferenceSession.create(`${folder}/onnx/model.onnx`);
  const zeros = (count: number) =>
    new ort.Tensor("float32", new Float32Array(count * size * size * 3), [count, 3, size, size]);
  const bare = (count: number) => () => session.run({ [session.inputNames[0]!]: zeros(count) });

  const tensor = new Uint8Array(4 * size * size * 3);
  const head = JSON.stringify({
    inputs: [{
      name: session.inputNames[0],
      datatype: "FP32",
      shape: [1, 3, size, size],
      parameters: { binary_data_size: tensor.length },
    }],
  });
  const ofPicture = (format: "png" | "jpeg", body: Uint8Array) => ({
    path: "/classify",
    headers: { "content-type": `image/${format}` },
    body,
    alone: async () => {
      await decodePicture(body, size, fit);
      await bare(1)();
    },
  });
  const loads: Record<string, Load & { alone(): Promise<unknown> }> = {
    "PNG": ofPicture("png", await picture(size, "png")),
    "JPEG": ofPicture("jpeg", await picture(size, "jpeg")),
    "tensor": {
      path: "/v2/models/shakenet/infer",
      headers: { "Inference-Header-Content-Length": `${head.length}` },
      body: new Uint8Array(await new Blob([head, tensor]).arrayBuffer()),
      alone: bare(1),
    },
  };
  await using scratch = await scratchFolder();
  await using service = await startService(folder!, program);
  console.log(`${architectures[0]}, ${size} x ${size}, ${navigator.hardwareConcurrency} processors`);
  for (const [name, load] of Object.entries(loads)) {
    if (program && name === "tensor") continue;
    const script = await writeScript(scratch.path, load), url = service.url + load.path;
    const rates: number[] = [], ratios: number[] = [], added: number[] = [], one: number[] = [], sizes: number[] = [];
    const processors: number[] = [], shares: number[] = [];
    await wrk(url, script, CONNECTIONS);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await batchesOf(service.url).catch(() => ({ batches: 0, images: 0 }));
      const time = await service.processorTime();
      const { rate } = await wrk(url, script, CONNECTIONS);
      const taken = (await service.processorTime() - time) / (rate * SECONDS);
      const after = await batchesOf(service.url).catch(() => ({ batches: 1, images: 32 }));
      const batch = Math.round((after.images - before.images) / (after.batches - before.batches)) || 32;
      const loop = await repeated(bare(batch));
      rates.push(rate);
      sizes.push(batch);
      ratios.push(rate / (batch * loop.rate));
      processors.push(taken);
      shares.push(loop.processors / batch / taken);
      const { latency } = await wrk(url, script, 1), alone = (await repeated(load.alone)).latency;
      one.push(latency);
      added.push(latency - alone);
    }
    const row = [rates, sizes, ratios, one, added, processors, shares].map((values) => median(values));
    const [rate, batch, ratio, latency, more, taken, share] = row.map((value) => value.toFixed(2));
    console.log(
      `${name}: 64 connections ${rate}/s in batches of ${batch}, ${ratio} of the bare loop; ` +
        `${taken} ms of processors each, of which the bare loop takes ${share}; ` +
        `one connection ${latency} ms, ${more} ms more than alone`,
    );
  }
}
