/**
 * Compares speed and memory with another implementation's: rounds of both alternate, and their medians are compared.
 *
 *     deno task bench [training inference reader scaling pipeline profile tracer] [--rounds 3] [--steps 5] [--threads N]
 *                     [--baseline "COMMAND"]
 *
 * Without names it measures training, inference, reader and scaling. ShakeNet-26 2x32d, batch 128, on the CPU; the tracer:
 * a small network, batch 32.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import { fileURLToPath } from "node:url";
import { baseline, type Figures, inPyTorch, type Measure, ours, paired, print } from "./commands.ts";
import { scratchFolder } from "./scratch_folder.ts";

if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
  console.log(`Usage: deno task bench [BENCH ...] [--rounds 3] [--steps 5] [--threads N] [--baseline "COMMAND"]

Measures ShakeNet-26 2x32d, batch 128, on the CPU, beside another implementation.
BENCH: training, inference, reader, scaling (these four by default), pipeline, profile,
       tracer (a small network, traced, beside TensorFlow.js and PyTorch)`);
  Deno.exit(0);
}
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "5" },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    baseline: { type: "string" },
  },
});
const [rounds, steps, threads] = [values.rounds, values.steps, values.threads].map(Number) as [number, number, number];
const other = await baseline(values.baseline);

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
console.log(`ShakeNet-26 2x32d, batch 128, ${threads} threads, medians of ${rounds} rounds of ${steps}`);
if ("absent" in other) console.log(`without a baseline: ${other.absent}`);
row("", "ours", "baseline", "ratio", "bar", "stretch");
row("---", "---:", "---:", "---:", "---:", "---:");
for (const name of positionals.length ? positionals : ["training", "inference", "reader", "scaling"]) {
  await benches[name]!();
}

async function training(): Promise<void> {
  const { own, other: theirs } = await paired(ours("training"), other, { threads, steps }, rounds);
  compare("training, images/s", own["train"], theirs["train"], "1.0", "1.3");
  compare("peak memory of training, MiB", own["peak"], theirs["peak"], "1.0", "0.7");
  compare("wait for a batch, ms", own["wait"], undefined);
}

async function inference(): Promise<void> {
  const { own, other: theirs } = await paired(ours("inference"), other, { threads, steps }, rounds);
  compare("inference, merged float32, images/s", own["infer"], theirs["infer"], "1.1", "1.2");
  compare("inference, branch by branch, images/s", own["plain"], theirs["infer"]);
  compare("inference, int8, images/s", own["int8"], theirs["infer"], "2.0", "3.0");
  compare("merged beside branch by branch", own["infer"], own["plain"], "1.0");
}

async function reader(): Promise<void> {
  const { read } = await ours("reader")({ steps });
  row("reader, images/s of one thread", format(read), "", "", "20000", "");
}

/** Measures the growth of an image's time with width and batch. */
async function scaling(): Promise<void> {
  await scale("width", [16, 32, 64, 96]);
  await scale("batch", [32, 64, 128, 256]);
}

async function scale(what: "width" | "batch", sizes: readonly number[]): Promise<void> {
  const measured: { size: number; own: Figures; other: Figures }[] = [];
  for (const size of sizes) {
    measured.push({ size, ...await paired(ours("training"), other, { threads, steps: 3, [what]: size }, 1) });
  }
  const first = measured[0]!, last = measured.at(-1)!;
  for (const { size, own, other: theirs } of measured) {
    compare(`training, ${what} ${size}, images/s`, own["train"], theirs["train"]);
  }
  const growth = (figures: (measured: typeof first) => Figures) => figures(first)["train"]! / figures(last)["train"]!;
  compare(
    `growth of an image's time, ${what} ${first.size} to ${last.size}`,
    growth(({ own }) => own),
    "run" in other ? growth(({ other }) => other) : undefined,
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
  row("quick pipeline, s", format(seconds), "", "", "180", "90");
}

/** Prints the time of a training step by operator. */
async function profile(): Promise<void> {
  console.log();
  await print("profile", { threads, steps });
}

/** A small network, traced, beside TensorFlow.js's own backends and PyTorch. */
async function tracer(): Promise<void> {
  const pytorch = await inPyTorch(fileURLToPath(new URL("./tracer_pytorch.py", import.meta.url)));
  const backend = (name: string): Measure => ({ run: (flags) => ours("tracer")({ ...flags, backend: name }) });
  const others = {
    "TensorFlow.js, WebAssembly": backend("wasm"),
    "TensorFlow.js, CPU": backend("cpu"),
    PyTorch: pytorch,
  };
  for (const [name, measure] of Object.entries(others)) {
    if ("absent" in measure) {
      console.log(`without ${name}: ${measure.absent}`);
      continue;
    }
    const { own, other: theirs } = await paired(ours("tracer"), measure, { threads, steps }, rounds);
    compare(`tracer, inference, images/s, beside ${name}`, own["infer"], theirs["infer"]);
    compare(`tracer, training, images/s, beside ${name}`, own["train"], theirs["train"]);
  }
}

function compare(what: string, own: number | undefined, theirs: number | undefined, bar = "", stretch = ""): void {
  const ratio = own === undefined || theirs === undefined ? "" : (own / theirs).toFixed(2);
  row(what, format(own), format(theirs), ratio, bar, stretch);
}

function format(number: number | undefined): string {
  if (number === undefined) return "";
  if (number < 10) return number.toFixed(2);
  return number.toFixed(number < 1000 ? 1 : 0);
}

function row(...cells: string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
