/**
 * A command of the pipeline on the command line: its flags are the fields of the configuration that it uses.
 *
 * @module
 */
import type { Configuration, Field } from "../configuration/fields.ts";

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

/** A command of the command line, of the fields that it declares. */
export interface Command<Declared extends Field = Field> {
  readonly name: string;
  /** The fields that it uses; `run` receives these and no others. */
  readonly fields: readonly Declared[];
  /** What it must be given before its flags, and what that may be. */
  readonly argument?: { readonly name: string; readonly values: readonly string[]; readonly optional?: boolean };
  /** What it must be given any number of beside its flags, as its help calls one of them. */
  readonly operands?: string;
  /** Whether it knows `--resume`. */
  readonly resumes?: boolean;
  /** @returns what `--json` prints */
  run(configuration: Pick<Configuration, Declared>, context: Context): Promise<Result>;
}

/** Declares a command; the type of its configuration follows from its fields. */
export const command = <const Declared extends Field>(declared: Command<Declared>): Command<Declared> => declared;
