/**
 * Runs a command of the command line: flags in, exit code out.
 *
 * @module
 */
import { configurationOf, helpText, parseFlags } from "./flags.ts";
import { coloured } from "./colour.ts";
import { type Command, SaidElsewhereError } from "./command.ts";
import { listenForStop, StoppedError } from "./stop_signals.ts";
import { UsageError } from "../configuration/usage_error.ts";

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
