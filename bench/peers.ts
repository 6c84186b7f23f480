/**
 * Other implementations that the benches measure: PyTorch in each of its modes, OpenVINO, TensorFlow.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { installedBuild } from "../engine/tensorflow.ts";
import { asArguments, type Figures, figures, type Measure, ours, type Peers, succeeds } from "./commands.ts";

/** The modes of PyTorch that are measured, by their flags; compiling needs PyTorch 2. */
const modes: Readonly<Record<string, readonly string[]>> = {
  "eager": [],
  "channels-last": ["--channels-last"],
  "compiled": ["--compile"],
  "compiled, channels-last": ["--compile", "--channels-last"],
};

/**
 * Finds the implementations to compare with: a command that takes `--width`, `--batch`, `--threads` and `--steps` and prints
 * `train <images/s>`, `infer <images/s>` and `peak <MiB>`, or each mode of PyTorch that runs here.
 *
 * @param command the command; default: the PyTorch program beside this file
 * @param pythons Pythons that may have PyTorch; default: those of the system
 * @param measured what PyTorch measures
 */
export async function baselines(
  command: string | undefined,
  pythons: Pythons,
  measured: readonly string[] = ["training", "inference"],
): Promise<Peers> {
  if (command) return { baseline: { run: (flags) => figures([...command.split(" "), ...asArguments(flags)]) } };
  const found = await pythonWith("torch", pythons);
  if (!found) return { PyTorch: { absent: missing("PyTorch", pythons) } };
  const compiles = await succeeds([found, "-c", COMPILE_PROBE]);
  return Object.fromEntries(
    Object.entries(modes).map(([name, flags]): [string, Measure] => [
      `PyTorch, ${name}`,
      compiles || !flags.includes("--compile")
        ? {
          run: (more) =>
            figures([found, script("pytorch_shakenet.py"), "--measure", ...measured, ...flags, ...asArguments(more)]),
        }
        : { absent: "torch.compile fails here; it needs PyTorch 2 and a C++ compiler" },
    ]),
  );
}

const COMPILE_PROBE = "import torch; torch.compile(lambda x: x * 2 + 1)(torch.ones(8))";

/** OpenVINO on exported models, or the reason for its absence. */
export async function openVino(pythons: Pythons): Promise<Measure> {
  const found = await pythonWith("openvino", pythons);
  return found
    ? { run: (flags) => figures([found, script("openvino_inference.py"), ...asArguments(flags)]) }
    : { absent: missing("OpenVINO", pythons) };
}

/** The same network and loop by TensorFlow's kernels, or the reason for their absence. */
export const tensorFlow = (): Measure =>
  installedBuild()
    ? { run: (flags) => ours("training")({ ...flags, engine: "tensorflow" }) }
    : { absent: "it is not installed; run `deno task setup:tensorflow`" };

const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** Commands that start a Python; undefined: those of the system. */
export type Pythons = readonly string[] | undefined;

const missing = (what: string, pythons: Pythons): string =>
  pythons ? `${pythons.join(" and ")} here has no ${what}` : `no python3 here has ${what}; --python names another`;

/** The first Python that imports a module. */
async function pythonWith(module: string, pythons: Pythons = ["python3", "/usr/bin/python3"]) {
  for (const candidate of pythons) if (await succeeds([candidate, "-c", `import ${module}`])) return candidate;
  return undefined;
}

/** A program in Python beside this file that needs PyTorch. */
export async function inPyTorch(name: string, pythons: Pythons): Promise<Measure> {
  const found = await pythonWith("torch", pythons);
  return found
    ? { run: (flags) => figures([found, script(name), ...asArguments(flags)]) }
    : { absent: missing("PyTorch", pythons) };
}

/** A peer's name and its figure. */
export interface Best {
  readonly name: string;
  readonly figure: number;
}

/** Figures of which the least is the best. */
const LEAST: readonly string[] = ["peak"];

/** The peer with the best figure of a name: the greatest, or of memory the least. */
export function bestOf(peers: Readonly<Record<string, Figures>>, name: string): Best | undefined {
  const sign = LEAST.includes(name) ? -1 : 1;
  return Object.entries(peers)
    .flatMap(([peer, { [name]: figure }]) => figure === undefined ? [] : [{ name: peer, figure }])
    .toSorted((a, b) => sign * (b.figure - a.figure))[0];
}
