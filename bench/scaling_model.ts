/**
 * Prints the expected efficiency of many processes, by a model of a step and not by measurement, as the tables of
 * docs/distributed.md.
 *
 *     deno task scaling [--depth 26] [--width 32] [--step 1560] [--cut 262]
 *
 * The time of a step is its computation alone, the cost of cutting it at batch norm, and its sums. A sum of b bytes over R
 * processes takes, by the better of two algorithms (Thakur, Rabenseifner & Gropp 2005), with latency l and bandwidth w,
 *
 *     ring                 2 (R - 1) l + 2 (R - 1) / R b / w
 *     recursive doubling   ceil(log2 R) (l + b / w)
 *
 * Batch norm makes a sum for each of its levels, forward and backward. The branches of a block are on one level.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import { shakeNet } from "../model/shakenet.ts";

const { values } = parseArgs({
  options: {
    depth: { type: "string", default: "26" },
    width: { type: "string", default: "32" },
    /** Milliseconds of a step of one process. */
    step: { type: "string", default: "1560" },
    /** Additional milliseconds of a step that is cut at batch norm. */
    cut: { type: "string", default: "262" },
  },
});
const step = Number(values.step) / 1000, cut = Number(values.cut) / 1000;
const net = shakeNet({ depth: Number(values.depth), width: Number(values.width), branches: 2, classes: 10 });

const FLOAT_BYTES = 4;
const countOf = (pattern: RegExp) =>
  net.variables.filter(({ name }) => pattern.test(name))
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
const weightBytes = FLOAT_BYTES * net.variables.filter(({ kind }) => kind === "weight")
  .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
/** Levels of batch norm: two in a block and one in the stem, each forward and backward, two numbers for each filter. */
const levels = 2 * (1 + 2 * net.blocks.length);
const levelBytes = 2 * 2 * FLOAT_BYTES * countOf(/\/gamma$/) / levels;

interface Network {
  readonly name: string;
  /** Bytes per second. */
  readonly bandwidth: number;
  /** Assumed seconds of an empty message. */
  readonly latency: number;
}

const networks: readonly Network[] = [
  { name: "1 Gbit/s", bandwidth: 1e9 / 8, latency: 50e-6 },
  { name: "10 Gbit/s", bandwidth: 10e9 / 8, latency: 25e-6 },
  { name: "100 Gbit/s", bandwidth: 100e9 / 8, latency: 5e-6 },
];

function sumSeconds(bytes: number, processes: number, { bandwidth, latency }: Network): number {
  const ring = 2 * (processes - 1) * latency + 2 * (processes - 1) / processes * bytes / bandwidth;
  const doubling = Math.ceil(Math.log2(processes)) * (latency + bytes / bandwidth);
  return Math.min(ring, doubling);
}

/** Returns the speed over `processes` times the speed of one, with as many images in each process as in one alone. */
function efficiency(processes: number, network: Network, syncBatchNorm: boolean): number {
  const gradients = sumSeconds(weightBytes, processes, network);
  const batchNorm = syncBatchNorm ? cut + levels * sumSeconds(levelBytes, processes, network) : 0;
  return step / (step + gradients + batchNorm);
}

console.log(
  `${net.title}: ${step * 1000} ms of computation, one sum of ${(weightBytes / 1e6).toFixed(1)} MB, ` +
    `${levels} of ${(levelBytes / 1000).toFixed(1)} kB on average\n`,
);
const header = networks.flatMap(({ name }) => [`${name}, batch norm shared`, "not shared"]);
console.log(`| processes | ${header.join(" | ")} |\n| ${["---", ...header.map(() => "---:")].join(" | ")} |`);
for (let processes = 2; processes <= 256; processes *= 2) {
  const cells = networks.flatMap((network) =>
    [true, false].map((shared) => `${(100 * efficiency(processes, network, shared)).toFixed(1)} %`)
  );
  console.log(`| ${[processes, ...cells].join(" | ")} |`);
}
