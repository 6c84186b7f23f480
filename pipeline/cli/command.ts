/**
 * A command of the pipeline on the command line: its flags are the fields of the configuration that it uses.
 *
 * @module
 */
import { coloured } from "./colour.ts";
import type { Configuration, Field } from "../configuration/configuration.ts";
import { configurationOf, helpText, parseFlags } from "./flags.ts";
import { listenForStop, StoppedError } from "./stop_signals.ts";
import { UsageError } from "../configuration/usage_error.ts";

/** What a command gets beside its configuration. */
export interface Context {
  /** Run the stage even if what it made still holds. */
  readonly force: boolean;
  /** Continue a run that was interrupted. */
  readonly resume: boolean;
  /** What was given for the command's argument. */
  readonly argument?: string;
  /** What was given for the command's operands. */
  readonly operands?: readonly string[];
  /** Say nothing but errors and results. */
  readonly quiet: boolean;
  /** Aborted by the first SIGINT, SIGTERM, SIGHUP or SIGUSR1. */
  readonly signal: AbortSignal;
  /** Writes a line to standard error, unless quiet. */
  log(line: string): void;
  /** Writes what the command found to standard output, for people; with `--json` its result stands there instead. */
  print(text: string): void;
}

/** A command is at its end in this process; another process of its group says how it ended. */
export class SaidElsewhereError extends Error {
  override name = "SaidElsewhereError";

  constructor(readonly exitCode: number) {
    super("another process says how this ended");
  }
}

/** What a command made or measured: numbers, texts, lists and records of them. */
export type Result = Readonly<Record<string, unknown>>;

export interface Command {
  readonly name: string;
  /** The fields that it uses. */
  readonly fields: readonly Field[];
  /** What it must be given before its flags, and what that may be. */
  readonly argument?: { readonly name: string; readonly values: readonly string[]; readonly optional?: boolean };
  /** What it must be given any number of beside its flags, as its help calls one of them. */
  readonly operands?: string;
  /** Whether it knows `--resume`. */
  readonly resumes?: boolean;
  /** @returns what `--json` prints */
  run(configuration: Configuration, context: Context): Promise<Result>;
}

/**
 * Reads the flags, runs the command and returns the exit code. Errors of users are a line on standard error.
 *
 * @param summary what the command does, in a line, for its help
 */
export async function runCommand(command: Command, summary: string, args: readonly string[]): Promise<number> {
  let code = 0;
  const json = args.includes("--json");
  const abort = new AbortController();
  using _listening = listenForStop((signal) => {
    const stopped = new StoppedError(signal);
    code = stopped.exitCode;
    abort.abort(stopped);
  });
  try {
    const { values, switches, argument, operands } = parseFlags(command, args);
    if (switches.has("help")) {
      console.log(helpText(command, summary));
      return 0;
    }
    const configuration = await configurationOf(values);
    if (command.argument && !command.argument.optional && argument === undefined) {
      throw new UsageError(`${command.name} needs one of ${command.argument.values.join(", ")}`);
    }
    if (command.operands && operands.length === 0) {
      throw new UsageError(
        `${command.name} needs at least one ${command.operands}; \`deno task ${command.name} --help\``,
      );
    }
    const quiet = switches.has("quiet");
    const result = await command.run(configuration, {
      force: switches.has("force"),
      resume: switches.has("resume"),
      ...(argument !== undefined && { argument }),
      operands,
      quiet,
      signal: abort.signal,
      log: (line) => quiet || console.error(coloured(line)),
      print: (text) => json || console.log(text),
    });
    if (json) printJson({ command: command.name, ok: true, result });
    return code;
  } catch (error) {
    if (error instanceof SaidElsewhereError) return error.exitCode;
    const exitCode = error instanceof StoppedError ? error.exitCode : exitCodeOf(error);
    if (json) printJson({ command: command.name, ok: false, error: { message: (error as Error).message, exitCode } });
    return exitCode;
  }
}

/** Prints the one line of JSON that is all of standard output. */
const printJson = (outcome: Readonly<Record<string, unknown>>) => console.log(JSON.stringify(outcome));

/** Prints an error of a user as one line and returns its exit code; anything else is a bug and is thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Deno.errors.NotCapable) {
    const what = /^Requires (.*?), run again/.exec(error.message)?.[1] ?? error.message;
    console.error(
      coloured(`error: Deno did not allow ${what}; say yes when it asks, or run pipeline/main.ts with the permission`),
    );
    return 1;
  }
  if (!(error instanceof Error && "exitCode" in error && typeof error.exitCode === "number")) throw error;
  console.error(coloured(`error: ${error.message}`));
  return error.exitCode;
}
