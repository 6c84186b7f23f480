/**
 * Compares speed and memory with other implementations': rounds of all alternate, and their medians are compared.
 *
 *     deno task bench [training inference reader scaling pipeline profile tracer] [--rounds 3] [--steps 5] [--threads N]
 *                     [--minutes 10] [--python PATH]... [--baseline "COMMAND"] [--width 32] [--batch 128]
 *
 * Without names it measures training, inference, reader and scaling. ShakeNet-26 2x32d, batch 128, on the CPU; the tracer:
 * a small network, batch 32.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import { type Figures, type Flags, type Measure, notes, ours, type Peers, print, versions } from "./commands.ts";
import { describeMachine } from "./machine.ts";
import { baselines, inPyTorch, openVino, tensorFlow } from "./peers.ts";
import { inRounds, type Measured } from "./rounds.ts";
import { scratchFolder } from "./scratch_folder.ts";
import { compareShakeNets, type Task } from "./shakenet_comparison.ts";
import { stop, stopAtSignals } from "./stop.ts";
import { compare, format, row } from "./table.ts";
import { tracerTable } from "./tracer_table.ts";

if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
  console.log(
    `Usage: deno task bench [BENCH ...] [--rounds 3] [--steps 5] [--threads N] [--minutes 10]
                       [--python PATH]... [--baseline "COMMAND"] [--width 32] [--batch 128]

Measures ShakeNet-26 2x32d, batch 128, on the CPU, beside other implementations.
BENCH: training, inference, reader, scaling (these four by default), pipeline, profile,
       tracer (a small network, traced, beside TensorFlow.js and PyTorch)

The first round measures every implementation, later ones the leaders alone. Training and
inference begin no round that would take longer than --minutes. Ctrl-C prints the table of
what was measured until then.
--python names a Python with PyTorch or OpenVINO; give it twice for one of each.`,
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
    minutes: { type: "string", default: "10" },
    width: { type: "string", default: "32" },
    batch: { type: "string", default: "128" },
    python: { type: "string", multiple: true },
    baseline: { type: "string" },
  },
});
const isTracerAlone = positionals.join() === "tracer";
const numbers = { rounds: 0, steps: 0, threads: 0, minutes: 0, width: 0, batch: 0 };
for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) numbers[name] = Number(values[name]);
const { rounds, steps, threads, minutes, width, batch } = numbers;

const benches: Readonly<Record<string, () => Promise<void>>> = {
  training: shakeNets,
  inference: shakeNets,
  reader,
  scaling,
  pipeline,
  profile,
  tracer,
};
const chosen = positionals.length ? positionals : ["training", "inference", "reader", "scaling"];
const tasks = (["training", "inference"] as const).filter((task) => chosen.includes(task));
const unknown = chosen.find((name) => !(name in benches));
if (unknown !== undefined || Object.values(numbers).some((number) => !(Number.isInteger(number) && number > 0))) {
  const what = unknown === undefined
    ? `${Object.keys(numbers).join(", ")} are whole numbers above 0`
    : `no bench ${unknown}`;
  console.error(`${what}; the benches are ${Object.keys(benches).join(", ")}`);
  Deno.exit(2);
}
stopAtSignals();
const subject = isTracerAlone ? "A small CNN, batch 32" : `ShakeNet-26 2x${width}d, batch ${batch}`;
console.log(`${subject}, ${threads} threads, medians of ${rounds} rounds of ${steps}`);
console.log(`Processor: ${await describeMachine()}`);
/** Sentences about missing figures, printed below the table. */
const missing = new Set<string>();
let others: Promise<Peers> | undefined;
row("", "ours", "other", "ratio", "bar", "stretch", "the other");
row("---", "---:", "---:", "---:", "---:", "---:", "---");
// Training and inference share their rounds.
for (const bench of new Set(chosen.map((name) => benches[name]!))) {
  try {
    if (!stop.aborted) await bench();
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
if (versions.size > 0) console.log(`\nVersions: ${[...versions].join(", ")}`);
for (const sentence of [...missing, ...notes]) console.log(sentence);
if (stop.aborted) Deno.exit(130);

/** Finds the implementations that train ShakeNet here, once. */
function trainers(): Promise<Peers> {
  if (!others && !values.baseline) console.error("looking for PyTorch, and whether it compiles");
  return others ??= baselines(values.baseline, values.python, tasks.length > 0 ? tasks : undefined);
}

function noteAbsent(peers: Peers): void {
  for (const [name, peer] of Object.entries(peers)) {
    if ("absent" in peer) missing.add(`Without ${name}: ${peer.absent}`);
  }
}

function noteAll(sentences: readonly string[]): void {
  for (const sentence of sentences) missing.add(sentence);
}

/** Measures training and inference, those that are asked for, in the same rounds. */
async function shakeNets(): Promise<void> {
  await using scratch = await scratchFolder();
  const folder = scratch.path;
  const own: Record<Task, (flags: Flags) => Promise<Figures>> = {
    training: ours("training"),
    inference: (flags) => ours("inference")({ ...flags, models: folder }),
  };
  const peers: Peers = {
    ...await trainers(),
    ...tasks.includes("inference") && { OpenVINO: withModels(await openVino(values.python), folder) },
    ...tasks.includes("training") && { TensorFlow: tensorFlow() },
  };
  noteAbsent(peers);
  noteAll(await compareShakeNets(tasks, own, peers, { flags: { threads, steps, width, batch }, rounds, minutes }));
}

/** A peer that reads the models which ours wrote to a folder. */
function withModels(peer: Measure, folder: string): Measure {
  return "run" in peer ? { run: ({ width: _, ...flags }) => peer.run({ ...flags, models: folder }) } : peer;
}

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
  const peers = await trainers();
  noteAbsent(peers);
  const [name, peer] = Object.entries(peers)[0]!;
  const measured: { size: number; own: Figures; peer: Figures }[] = [];
  for (const size of sizes) {
    const { own, peers } = await inRounds({ "ours": ours("training") }, { [name]: peer }, {
      flags: { threads, steps: 3, [what]: size },
      rounds: 1,
      compared: ["train"],
      label: `${what} ${size}: `,
    });
    if (stop.aborted) return;
    measured.push({ size, own, peer: peers[name] ?? {} });
    compare(`training, ${what} ${size}, images/s`, own["train"], peers[name]?.["train"], name);
  }
  const first = measured[0]!, last = measured.at(-1)!;
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
  await using scratch = await scratchFolder();
  const begun = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "pipeline/main.ts",
      "pipeline",
      "--cache",
      `${scratch.path}/cache`,
      "--runs",
      `${scratch.path}/runs`,
    ],
    stdout: "null",
    stderr: "inherit",
    signal: stop,
  }).output();
  const seconds = (performance.now() - begun) / 1000;
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
  noteAll(
    await tracerTable(others, async (other, name) => {
      const options = { flags: { threads, steps }, rounds, compared: ["infer", "train"], label: `${name}: ` };
      const measured: Measured = await inRounds({ ours: ours("tracer") }, { [name]: other }, options);
      noteAll(measured.notes);
      return { own: measured.own, theirs: measured.peers[name] ?? {} };
    }),
  );
}
