/**
 * Runs measuring programs, ours and another implementation's, and reads their lines `<name> <number>`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { stop, stopMeasuring } from "./stop.ts";

/** Measured numbers by name. */
export type Figures = Readonly<Record<string, number>>;

/** A measuring command, or the reason for its absence. */
export type Measure = { readonly run: (flags: Flags) => Promise<Figures> } | { readonly absent: string };

/** Other implementations by name. */
export type Peers = Readonly<Record<string, Measure>>;

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

export const asArguments = (flags: Flags) =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);

/**
 * Runs a program, and reads its figures and versions. Its standard error is shown if it fails, and otherwise not: it would
 * break the line that says what runs.
 *
 * @throws {Error} if it fails, or ends because the measurements stop
 */
export async function figures([program, ...args]: string[], env: Record<string, string> = {}): Promise<Figures> {
  const { stdout, stderr, success, signal } = await new Deno.Command(program!, { args, env, signal: stop }).output();
  if (!success) {
    // Ctrl-C ends the programs too, and their end can be known here before the signal is.
    if (signal === "SIGINT") stopMeasuring();
    if (!stop.aborted) await Deno.stderr.write(stderr);
    throw new Error(`${[program, ...args].join(" ")} failed`);
  }
  const text = new TextDecoder().decode(stdout);
  for (const [, version] of text.matchAll(/^version (.+)$/gm)) versions.add(version!);
  for (const note of parseNotes(text)) notes.add(note);
  return parseFigures(text);
}

/** Versions that the programs printed, as lines `version <name and number>`. */
export const versions = new Set<string>();

/** Notes that the programs printed: the reasons for figures that are missing or measured in another way. */
export const notes = new Set<string>();

/** Reads lines such as `note PyTorch cannot train: ...`. */
export const parseNotes = (text: string): string[] => Array.from(text.matchAll(/^note (.+)$/gm), ([, note]) => note!);

/** Reads lines such as `train 79.9 images/s`. */
export const parseFigures = (text: string): Figures =>
  Object.fromEntries(
    Array.from(
      text.matchAll(/^(\w+) ([\d.]+) (?:images\/s|ms|MiB)\b/gm),
      ([, name, number]) => [name!, Number(number)],
    ),
  );

/** Tells if a command runs and ends well. */
export async function succeeds([program, ...args]: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
