/**
 * Compares speed and memory with another implementation's: rounds of both alternate, and their medians are compared.
 *
 *     deno task bench [training inference reader scaling pipeline profile tracer] [--rounds 3] [--steps 5] [--threads N]
 *                     [--python PATH] [--baseline "COMMAND"]
 *
 * Without names it measures training, inference, reader and scaling. ShakeNet-26 2x32d, batch 128, on the CPU; the tracer:
 * a small network, batch 32.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import {
  type Figures,
  type Flags,
  inTurns,
  type Measure,
  notes,
  ours,
  type Peers,
  print,
  versions,
} from "./commands.ts";
import { baselines, inPyTorch, openVino, tensorFlow } from "./peers.ts";
import { scratchFolder } from "./scratch_folder.ts";
import { compare, compareBest, format, row } from "./table.ts";
import { tracerTable } from "./tracer_table.ts";

if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
  console.log(
    `Usage: deno task bench [BENCH ...] [--rounds 3] [--steps 5] [--threads N] [--python PATH] [--baseline "COMMAND"]

Measures ShakeNet-26 2x32d, batch 128, on the CPU, beside another implementation.
BENCH: training, inference, reader, scaling (these four by default), pipeline, profile,
       tracer (a small network, traced, beside TensorFlow.js and PyTorch)`,
  );
  Deno.exit(0);
}
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "5" },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    python: { type: "string" },
    baseline: { type: "string" },
  },
});
const [rounds, steps, threads] = [values.rounds, values.steps, values.threads].map(Number) as [number, number, number];
const isTracerAlone = positionals.join() === "tracer";
/** The implementations of ShakeNet. To find out which of them run here takes PyTorch's compiler a while. */
const others = isTracerAlone ? {} : await baselines(values.baseline, values.python);

const benches: Readonly<Record<string, () => Promise<void>>> = {
  training,
  inference,
  reader,
  scaling,
  pipeline,
  profile,
  tracer,
};
const unknown = positionals.find((name) => !(name in benches));
if (unknown !== undefined || [rounds, steps, threads].some((number) => !(Number.isInteger(number) && number > 0))) {
  const what = unknown === undefined ? "rounds, steps and threads are whole numbers above 0" : `no bench ${unknown}`;
  console.error(`${what}; the benches are ${Object.keys(benches).join(", ")}`);
  Deno.exit(2);
}
const subject = isTracerAlone ? "A small CNN, batch 32" : "ShakeNet-26 2x32d, batch 128";
console.log(`${subject}, ${threads} threads, medians of ${rounds} rounds of ${steps}`);
/** Reasons for the absence of others, said below the table. */
const absent = new Set<string>();
noteAbsent(others);
row("", "ours", "other", "ratio", "bar", "stretch", "the other");
row("---", "---:", "---:", "---:", "---:", "---:", "---");
for (const name of positionals.length ? positionals : ["training", "inference", "reader", "scaling"]) {
  await benches[name]!();
}
if (versions.size > 0) console.log(`\nVersions: ${[...versions].join(", ")}`);
for (const reason of [...absent, ...notes]) console.log(reason);

function noteAbsent(peers: Peers): void {
  for (const [name, peer] of Object.entries(peers)) {
    if ("absent" in peer) absent.add(`Without ${name}: ${peer.absent}`);
  }
}

async function training(): Promise<void> {
  const all = { ...others, TensorFlow: tensorFlow() };
  noteAbsent({ TensorFlow: all.TensorFlow });
  const { own, peers } = await inTurns(ours("training"), all, { threads, steps }, rounds);
  for (const [name, figures] of Object.entries(peers)) {
    compare("training, images/s", own["train"], figures["train"], name);
  }
  compareBest("training, images/s, the fastest", "train", own, peers, "1.35", "1.57");
  compareBest("peak memory of training, MiB, the least", "peak", own, peers, "0.75", "0.6");
  compare("wait for a batch, ms", own["wait"]);
}

async function inference(): Promise<void> {
  const folder = await scratchFolder();
  const vino = await openVino(values.python);
  noteAbsent({ OpenVINO: vino });
  const models = { ...others, OpenVINO: withModels(vino, folder) };
  const own = (flags: Flags) => ours("inference")({ ...flags, models: folder });
  try {
    const { own: figures, peers } = await inTurns(own, models, { threads, steps }, rounds);
    compareBest("inference, merged float32, images/s", "infer", figures, peers, "1.1", "1.2");
    compareBest("inference, branch by branch, images/s", "infer", { infer: figures["plain"]! }, peers);
    compareBest("inference, int8, images/s", "int8", figures, peers, "1.0", "1.1");
    compare("merged beside branch by branch", figures["infer"], figures["plain"], "ours", "1.0");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A peer that reads the models which ours wrote to a folder. */
const withModels = (peer: Measure, folder: string): Measure =>
  "run" in peer ? { run: (flags) => peer.run({ ...flags, models: folder }) } : peer;

async function reader(): Promise<void> {
  const { read } = await ours("reader")({ steps });
  row("reader, images/s of one thread", format(read), "", "", "20000", "", "");
}

/** Measures the growth of an image's time with width and batch. */
async function scaling(): Promise<void> {
  await scale("width", [16, 32, 64, 96]);
  await scale("batch", [32, 64, 128, 256]);
}

async function scale(what: "width" | "batch", sizes: readonly number[]): Promise<void> {
  // One mode is enough to see the growth.
  const [name, peer] = Object.entries(others)[0]!;
  const measured: { size: number; own: Figures; peer: Figures }[] = [];
  for (const size of sizes) {
    const { own, peers } = await inTurns(ours("training"), { [name]: peer }, { threads, steps: 3, [what]: size }, 1);
    measured.push({ size, own, peer: peers[name] ?? {} });
  }
  const first = measured[0]!, last = measured.at(-1)!;
  for (const { size, own, peer } of measured) {
    compare(`training, ${what} ${size}, images/s`, own["train"], peer["train"], name);
  }
  const growth = (figures: (measured: typeof first) => Figures) => figures(first)["train"]! / figures(last)["train"]!;
  compare(
    `growth of an image's time, ${what} ${first.size} to ${last.size}`,
    growth(({ own }) => own),
    "run" in peer ? growth(({ peer }) => peer) : undefined,
    name,
    "1.0",
  );
}

/** Times the pipeline from empty caches to a verified model; the packages are installed. */
async function pipeline(): Promise<void> {
  const folder = await scratchFolder();
  const begun = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "pipeline/main.ts",
      "pipeline",
      "--cache",
      `${folder}/cache`,
      "--runs",
      `${folder}/runs`,
    ],
    stdout: "null",
    stderr: "inherit",
  }).output();
  const seconds = (performance.now() - begun) / 1000;
  await Deno.remove(folder, { recursive: true });
  if (!success) throw new Error("the pipeline failed");
  row("quick pipeline, s", format(seconds), "", "", "85", "60", "");
}

/** Prints the time of a training step by operator. */
async function profile(): Promise<void> {
  console.log();
  await print("profile", { threads, steps });
}

/** A small network, traced, beside TensorFlow.js's own backends and PyTorch. */
async function tracer(): Promise<void> {
  const backend = (name: string): Measure => ({ run: (flags) => ours("tracer")({ ...flags, backend: name }) });
  const others: Peers = {
    "TensorFlow.js, WebAssembly": backend("wasm"),
    "TensorFlow.js, CPU": backend("cpu"),
    "PyTorch": await inPyTorch("tracer_pytorch.py", values.python),
  };
  const missing = await tracerTable(others, async (other) => {
    const { own, peers } = await inTurns(ours("tracer"), { other }, { threads, steps }, rounds);
    return { own, theirs: peers["other"]! };
  });
  for (const reason of missing) absent.add(reason);
}
