/**
 * A command of the command line. Its flags are the fields that it declares.
 *
 * @module
 */
import type { Configuration, Field } from "../configuration/fields.ts";
import type { StopSignal } from "./signal_names.ts";

/** The surroundings in which a command runs. */
export interface Context {
  /** Name of the command that was typed; a stage of the chain runs under the chain's name. */
  readonly command: string;
  /** Run the stage even if its results are up to date. */
  readonly force: boolean;
  /** Continue an interrupted run. */
  readonly resume: boolean;
  /** The fields that flags, the file of --config or the preset set; undefined where every field is meant as it is. */
  readonly given?: ReadonlySet<Field>;
  /** The command's argument, if it was given. */
  readonly argument?: string;
  /** The command's operands. */
  readonly operands?: readonly string[];
  /** Print only errors and results. */
  readonly quiet: boolean;
  /** When the stage began, in milliseconds after the program started; default: 0, with the program. */
  readonly began?: number;
  /** Aborted by the first SIGINT, SIGTERM, SIGHUP or SIGUSR1. */
  readonly signal: AbortSignal;
  /** Returns the signal that will abort `signal`, even while the main thread is not free; undefined before. */
  readonly received?: () => StopSignal | undefined;
  /** Writes a line to standard error, unless quiet. */
  log(line: string): void;
  /**
   * Says where a signal stopped the command, and the command that continues, as a line of its own. The command line does
   * it for commands that do not.
   */
  stopped(where: string, next: string): void;
  /** Writes a text for people to standard output; with `--json` the result takes its place. */
  print(text: string): void;
}

/** The command ends in this process; another process of its group reports how it ended. */
export class SaidElsewhereError extends Error {
  override name = "SaidElsewhereError";

  constructor(readonly exitCode: number) {
    super("another process says how this ended");
  }
}

/** The result of a command: numbers, texts, lists and records of them. */
export type Result = Readonly<Record<string, unknown>>;

/** A command of the command line, typed by the fields that it declares. */
export interface Command<Declared extends Field = Field> {
  readonly name: string;
  /** The fields that it uses; `run` receives only these. */
  readonly fields: readonly Declared[];
  /** One word that stands before the flags, and its values. */
  readonly argument?: { readonly name: string; readonly values: readonly string[]; readonly optional?: boolean };
  /** The name of its operands in the help; it takes one or more of them beside its flags. */
  readonly operands?: string;
  /** It has `--resume`. */
  readonly resumes?: boolean;
  /** It sets fields of its runs, so a flag may act in some of them only. */
  readonly varies?: boolean;
  /** @returns the result that `--json` prints */
  run(configuration: Pick<Configuration, Declared>, context: Context): Promise<Result>;
}

/** Declares a command; the type of its configuration follows from its fields. */
export const command = <const Declared extends Field>(declared: Command<Declared>): Command<Declared> => declared;
