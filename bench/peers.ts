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
 * @param python the Python with PyTorch; default: the first that has it
 */
export async function baselines(command: string | undefined, python: string | undefined): Promise<Peers> {
  if (command) return { baseline: { run: (flags) => figures([...command.split(" "), ...asArguments(flags)]) } };
  const found = await pythonWith("torch", python);
  if (!found) return { PyTorch: { absent: missing("PyTorch", python) } };
  const compiles = await succeeds([found, "-c", COMPILE_PROBE]);
  return Object.fromEntries(
    Object.entries(modes).map(([name, flags]): [string, Measure] => [
      `PyTorch, ${name}`,
      compiles || !flags.includes("--compile")
        ? { run: (more) => figures([found, script("pytorch_shakenet.py"), ...flags, ...asArguments(more)]) }
        : { absent: "torch.compile fails here; it needs PyTorch 2 and a C++ compiler" },
    ]),
  );
}

const COMPILE_PROBE = "import torch; torch.compile(lambda x: x * 2 + 1)(torch.ones(8))";

/** OpenVINO on exported models, or the reason for its absence. */
export async function openVino(python: string | undefined): Promise<Measure> {
  const found = await pythonWith("openvino", python);
  return found
    ? { run: (flags) => figures([found, script("openvino_inference.py"), ...asArguments(flags)]) }
    : { absent: missing("OpenVINO", python) };
}

/** The same network and loop by TensorFlow's kernels, or the reason for their absence. */
export const tensorFlow = (): Measure =>
  installedBuild()
    ? { run: (flags) => ours("training")({ ...flags, engine: "tensorflow" }) }
    : { absent: "it is not installed; run `deno task setup:tensorflow`" };

const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

const missing = (what: string, python: string | undefined): string =>
  `${python ?? "no python3"} here has ${python ? `no ${what}` : what}`;

/** The first Python that imports a module. */
async function pythonWith(module: string, python: string | undefined): Promise<string | undefined> {
  for (const candidate of python ? [python] : ["python3", "/usr/bin/python3"]) {
    if (await succeeds([candidate, "-c", `import ${module}`])) return candidate;
  }
  return undefined;
}

/** A program in Python beside this file that needs PyTorch. */
export async function inPyTorch(name: string, python: string | undefined): Promise<Measure> {
  const found = await pythonWith("torch", python);
  return found
    ? { run: (flags) => figures([found, script(name), ...asArguments(flags)]) }
    : { absent: missing("PyTorch", python) };
}

/** A peer's name and its figure. */
export interface Best {
  readonly name: string;
  readonly figure: number;
}

/** The peer with the greatest figure, or with the least one. */
export function bestOf(
  peers: Readonly<Record<string, Figures>>,
  name: string,
  order: "greatest" | "least" = "greatest",
): Best | undefined {
  const sign = order === "greatest" ? 1 : -1;
  return Object.entries(peers)
    .flatMap(([peer, { [name]: figure }]) => figure === undefined ? [] : [{ name: peer, figure }])
    .toSorted((a, b) => sign * (b.figure - a.figure))[0];
}
