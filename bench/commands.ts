/**
 * Runs measuring programs, ours and another implementation's, and reads their lines `<name> <number>`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { median } from "../engine/median.ts";

/** Measured numbers by name. */
export type Figures = Readonly<Record<string, number>>;

/** A measuring command, or the reason for its absence. */
export type Measure = { readonly run: (flags: Flags) => Promise<Figures> } | { readonly absent: string };

export type Flags = Readonly<Record<string, number | string>>;

const PERMISSIONS = ["--allow-read", "--allow-write=.cache", "--allow-ffi", "--allow-env", "--allow-sys"];
/** Memory in huge pages, as in the tasks of the pipeline. */
const ENVIRONMENT = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };

/** Runs one of the measuring programs beside this file. */
export const ours = (program: "inference" | "reader" | "tracer" | "training") => (flags: Flags): Promise<Figures> =>
  figures([Deno.execPath(), ...denoArguments(program, flags)], ENVIRONMENT);

/** Runs a program beside this file, which prints. */
export async function print(program: "profile", flags: Flags): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: denoArguments(program, flags),
    env: ENVIRONMENT,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${program} failed`);
}

const denoArguments = (program: string, flags: Flags): string[] => [
  "run",
  "--no-check",
  ...PERMISSIONS,
  fileURLToPath(new URL(`./${program}.ts`, import.meta.url)),
  ...asArguments(flags),
];

/**
 * Finds the baseline: a command that takes `--width`, `--batch`, `--threads` and `--steps` and prints `train <images/s>`,
 * `infer <images/s>` and `peak <MiB>`.
 *
 * @param command the command; default: the script beside the project, run by the first Python with PyTorch
 */
export async function baseline(command: string | undefined): Promise<Measure> {
  if (command) return { run: (flags) => figures([...command.split(" "), ...asArguments(flags)]) };
  const script = fileURLToPath(new URL("../../shared/bench/pytorch_shakenet.py", import.meta.url));
  try {
    await Deno.stat(script);
  } catch {
    return { absent: `there is no ${script}; name another implementation with --baseline "COMMAND"` };
  }
  return await inPyTorch(script);
}

/** A program in Python, run by the first Python with PyTorch. */
export async function inPyTorch(script: string): Promise<Measure> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    if (await succeeds([python, "-c", "import torch"])) {
      return { run: (flags) => figures([python, script, ...asArguments(flags)]) };
    }
  }
  return { absent: "no python3 here has PyTorch" };
}

/** Runs both in alternating rounds, and returns the medians of their figures. */
export async function paired(
  own: (flags: Flags) => Promise<Figures>,
  other: Measure,
  flags: Flags,
  rounds: number,
): Promise<{ own: Figures; other: Figures }> {
  const results: { own: Figures[]; other: Figures[] } = { own: [], other: [] };
  for (let round = 0; round < rounds; round++) {
    results.own.push(await own(flags));
    if ("run" in other) results.other.push(await other.run(flags));
  }
  return { own: medians(results.own), other: medians(results.other) };
}

const medians = (rounds: readonly Figures[]): Figures =>
  Object.fromEntries(Object.keys(rounds[0] ?? {}).map((name) => [name, median(rounds.map((round) => round[name]!))]));

const asArguments = (flags: Flags) => Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);

async function figures([program, ...args]: string[], env: Record<string, string> = {}): Promise<Figures> {
  const { stdout, success } = await new Deno.Command(program!, { args, env, stderr: "inherit" }).output();
  if (!success) throw new Error(`${[program, ...args].join(" ")} failed`);
  const lines = new TextDecoder().decode(stdout).matchAll(/^(\w+) ([\d.]+) (?:images\/s|ms|MiB)\b/gm);
  return Object.fromEntries(Array.from(lines, ([, name, number]) => [name!, Number(number)]));
}

async function succeeds([program, ...args]: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
