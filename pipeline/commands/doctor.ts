/**
 * `deno task doctor` lists the engines and devices of this machine, the reason why others cannot be used, and the speed
 * of a training step on each.
 *
 * @module
 */
import { cudaParts } from "../../engine/cuda.ts";
import { EngineUnavailableError } from "../../engine/engine.ts";
import { type DeviceName, deviceNames, type EngineName } from "../../engine/engine_names.ts";
import { type GraphicsAdapter, graphicsAdapter } from "../../engine/graphics_adapter.ts";
import { selectEngine } from "../../engine/select.ts";
import type { ShakeNetwork } from "../../model/architectures.ts";
import { command, type Context } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { networkOf } from "../run/described_network.ts";
import { networkFields } from "../run/run_configuration.ts";
import { trainingSpeed } from "../training/training_speed.ts";

/** An engine, with the device that onnxruntime would use. */
interface Candidate {
  readonly engine: EngineName;
  readonly device?: DeviceName;
}

/** The examination of a candidate. */
interface Finding extends Candidate {
  readonly usable: boolean;
  /** The library and hardware that compute, or the reason why the candidate cannot be used and the remedy. */
  readonly description: string;
  /** Speed of the training step. */
  readonly imagesPerSecond?: number;
}

/** TensorFlow comes before the engines that load graphics drivers (see {@linkcode graphicsAdapter}). */
const candidates: readonly Candidate[] = [
  { engine: "tensorflow" },
  ...deviceNames.map((device) => ({ engine: "onnxruntime", device }) as const),
  { engine: "cpu" },
];
/** Labels and images of the measured step, in the sizes of CIFAR-10. */
const IMAGES = { labels: Array.from({ length: 10 }, (_, label) => `${label}`), imageShape: [32, 32, 3] as const };

const fields = ["engine", "device", ...networkFields, "batch", "threads"] as const;
type Options = Pick<Configuration, typeof fields[number]>;

export const doctor = command({
  name: "doctor",
  fields,
  async run(configuration, context) {
    const net = networkOf(configuration, IMAGES);
    const step = `${net.title}, batch ${configuration.batch}`;
    context.log(`doctor: timing a training step of ${step} on each engine`);
    const engines: Finding[] = [];
    for (const candidate of candidates.filter((candidate) => isAsked(candidate, configuration))) {
      engines.push(await examine(candidate, net, configuration, context));
    }
    const adapter = await graphicsAdapter();
    const machine = {
      system: `${Deno.build.os} ${Deno.build.arch}`,
      deno: Deno.version.deno,
      cores: navigator.hardwareConcurrency,
      graphics: adapter ? nameOf(adapter) : "none",
    };
    const { engine: selected, reason } = await selectEngine("auto", { threads: configuration.threads });
    await using engine = selected;
    const auto = { description: engine.description, reason };
    context.print(report({ machine, step, engines, auto }));
    return { machine, step, engines, auto, cuda: await cudaParts() };
  },
});

const nameOf = ({ name, software }: GraphicsAdapter): string => `${name}${software ? " (software)" : ""}`;

/** Tests that `--engine` and `--device` allow a candidate. */
const isAsked = (candidate: Candidate, { engine, device }: Options): boolean =>
  (engine === "auto" || candidate.engine === engine) && (device === "auto" || candidate.device === device);

async function examine(
  candidate: Candidate,
  net: ShakeNetwork,
  { batch, threads, engine: asked, device }: Options,
  { signal }: Context,
): Promise<Finding> {
  const named = asked === candidate.engine || device !== "auto";
  try {
    await using engine = (await selectEngine(candidate.engine, { threads, device: candidate.device })).engine;
    const found = { ...candidate, usable: true, description: engine.description };
    const slow = await slowness(candidate);
    if (slow && !named) return { ...found, description: `${found.description}: ${slow}, timed only if it is named` };
    const imagesPerSecond = await trainingSpeed(engine, net, { batch, imageShape: IMAGES.imageShape, signal });
    return { ...found, imagesPerSecond };
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    return { ...candidate, usable: false, description: error.message };
  }
}

/** The reason why a step may take minutes, or undefined. */
async function slowness({ engine, device }: Candidate): Promise<string | undefined> {
  if (engine === "cpu") return "the reference";
  if (device === "webgpu" && (await graphicsAdapter())?.software) return "a software driver";
}

interface Report {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly step: string;
  readonly engines: readonly Finding[];
  readonly auto: { readonly description: string; readonly reason: string };
}

function report({ machine, step, engines, auto }: Report): string {
  const rows = engines.map(({ engine, device, usable, description, imagesPerSecond }) => [
    `${engine}${device ? ` on ${device}` : ""}`,
    imagesPerSecond?.toPrecision(3) ?? (usable ? "" : "-"),
    description,
  ]);
  const header = [["engine", "images/s", ""]];
  const widths = [0, 1].map((column) => Math.max(...[...header, ...rows].map((row) => row[column]!.length)));
  const lines = [...header, ...rows].map((row) =>
    `${row[0]!.padEnd(widths[0]!)}  ${row[1]!.padStart(widths[1]!)}  ${row[2]}`.trimEnd()
  );
  return [
    Object.entries(machine).map(([name, value]) => `${name} ${value}`).join(", "),
    `training step: ${step}`,
    "",
    ...lines,
    "",
    `auto takes ${auto.description}: ${auto.reason}`,
  ].join("\n");
}
