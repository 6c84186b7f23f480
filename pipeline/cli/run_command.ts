/**
 * Runs a command of the command line: flags in, exit code out.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import { printable, shortened } from "../configuration/printable.ts";
import { refuseUnusedFlags } from "../configuration/unused_flags.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { coloured } from "./colour.ts";
import { type Command, type Context, type Result, SaidElsewhereError } from "./command.ts";
import { helpAsked, type Parsed, parseFlags, resolved } from "./flags.ts";
import { helpText, helpWidth, type Introduction } from "./help.ts";
import { shellWord } from "./shell_word.ts";
import { listenForStop, StoppedError } from "./stop_signals.ts";

/** Runs before a command, with the whole configuration. */
export type Preparation = (configuration: Configuration, context: Context) => Promise<void>;

/** Reads the flags, runs the command and returns the exit code. Errors of users are a line on standard error. */
export async function runCommand(
  command: Command,
  introduction: Introduction,
  args: readonly string[],
  prepare: Preparation = () => Promise.resolve(),
): Promise<number> {
  const help = helpAsked(args);
  if (help) {
    console.log(helpText(command, introduction, help === "all", helpWidth()));
    return 0;
  }
  let code = 0;
  const stops = { announced: false };
  const json = args.includes("--json");
  const abort = new AbortController();
  using stop = listenForStop((signal) => {
    const stopped = new StoppedError(signal);
    code = stopped.exitCode;
    abort.abort(stopped);
  });
  try {
    const result = await resultOf(command, args, { signal: abort.signal, received: stop.received }, stops, prepare);
    if (json) printJson({ command: command.name, ok: true, result });
    return code;
  } catch (error) {
    if (error instanceof SaidElsewhereError) return error.exitCode;
    if (error instanceof StoppedError && !stops.announced && !args.includes("--quiet")) {
      announceStop(`${command.name}: ${error.message}`, ["deno task", command.name, ...args.map(shellWord)].join(" "));
    }
    return failed(command.name, error, json);
  }
}

/** True once it was said where the command stopped. */
interface Stops {
  announced: boolean;
}

function announceStop(where: string, next: string): void {
  console.error(coloured(`${where}; continue with`));
  console.error(coloured(`  ${next}`));
}

/** @throws {UsageError} if a word is wrong or missing */
async function resultOf(
  command: Command,
  args: readonly string[],
  stopping: Pick<Context, "signal" | "received">,
  stops: Stops,
  prepare: Preparation,
): Promise<Result> {
  const parsed = parseFlags(command, args);
  const { configuration, given } = await resolved(parsed);
  requireWords(command, parsed);
  if (!command.varies) refuseUnusedFlags(parsed.given, configuration);
  const context = { ...contextOf(command, parsed, stopping, stops), given };
  await prepare(configuration, context);
  return await command.run(declared(command, configuration), context);
}

/** The fields that a command declares, in the order of the configuration. */
function declared({ fields }: Command, configuration: Configuration): Configuration {
  const names: readonly string[] = fields;
  return Object.fromEntries(Object.entries(configuration).filter(([name]) => names.includes(name))) as Configuration;
}

/** @throws {UsageError} if the command needs an argument or operands and there are none */
function requireWords({ name, argument, operands }: Command, parsed: Parsed): void {
  if (argument && !argument.optional && parsed.argument === undefined) {
    throw new UsageError(`${name} needs one of ${argument.values.join(", ")}`);
  }
  if (operands && parsed.operands.length === 0) {
    throw new UsageError(`${name} needs at least one ${operands}; \`deno task ${name} --help\` shows examples`);
  }
}

function contextOf(
  { name }: Command,
  { switches, argument, operands }: Parsed,
  stopping: Pick<Context, "signal" | "received">,
  stops: Stops,
): Context {
  const quiet = switches.has("quiet"), json = switches.has("json");
  return {
    command: name,
    force: switches.has("force"),
    resume: switches.has("resume"),
    ...(argument !== undefined && { argument }),
    operands,
    quiet,
    ...stopping,
    log: (line) => quiet || console.error(coloured(line)),
    stopped(where, next) {
      stops.announced = true;
      if (!quiet) announceStop(where, next);
    },
    print: (text) => json || console.log(printable(text)),
  };
}

/** Prints the one line of JSON that is all of standard output. JSON itself escapes no C1 controls and no bidi marks. */
const printJson = (outcome: Readonly<Record<string, unknown>>) => console.log(printable(JSON.stringify(outcome)));

/**
 * Prints an error of a user as one line, and as JSON too if asked, and returns its exit code.
 *
 * @throws the error itself if it is a bug
 */
export function failed(command: string, error: unknown, json: boolean): number {
  const { message, exitCode } = failureOf(error);
  // A stop is no error, and is announced.
  if (!(error instanceof StoppedError)) console.error(coloured(`error: ${message}`));
  if (json) printJson({ command: shortened(command), ok: false, error: { message, exitCode } });
  return exitCode;
}

/** The longest message; values within it are cut much earlier. */
const MESSAGE_LENGTH = 4000;

function failureOf(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Deno.errors.NotCapable) {
    const what = /^Requires (.*?), run again/.exec(error.message)?.[1] ?? error.message;
    const message = `Deno did not allow ${what}; say yes when it asks, or run pipeline/main.ts with the permission`;
    return { message, exitCode: 1 };
  }
  if (!(error instanceof Error && "exitCode" in error && typeof error.exitCode === "number")) throw error;
  const { message, exitCode } = error;
  return { message: message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message, exitCode };
}
