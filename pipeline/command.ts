/**
 * A command of the pipeline on the command line: its flags are the fields of the configuration that it uses.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  type Configuration,
  type Field,
  fieldInfo,
  fieldNames,
  type Given,
  presetNames,
  presets,
  resolveConfiguration,
} from "./configuration.ts";
import { coloured } from "./colour.ts";
import { exitCodes, listenForStop } from "./stop_signals.ts";
import { UsageError } from "./usage_error.ts";

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
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Writes a line to standard error, unless quiet. */
  log(line: string): void;
  /** Writes what the command found to standard output, for people; with `--json` its result stands there instead. */
  print(text: string): void;
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
    code = exitCodes[signal];
    abort.abort(new Error(`stopped by ${signal}`));
  });
  try {
    const { values, switches, argument, operands } = parse(command, args);
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
    const stopped = abort.signal.aborted && error === abort.signal.reason;
    const exitCode = stopped ? code : exitCodeOf(error);
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

/** Flags of every command that are no fields. */
const general = {
  preset: { value: "NAME", description: `set of values to begin with: ${presetNames.join(", ")}; default quick` },
  config: {
    value: "FILE",
    description: "JSON file of fields, such as a run's config.json; it overrides the preset, flags override it",
  },
  force: { description: "run even if what was made before still holds" },
  quiet: { description: "print nothing but errors and results" },
  json: { description: "print the result as one line of JSON on standard output; messages go to standard error" },
  help: { description: "print this help" },
};

const resume = { resume: { description: "continue the run after its last checkpoint" } };

/** The flags of a command that are no fields. */
export const switchesOf = (command: Command): Record<string, { value?: string; description: string }> =>
  command.resumes ? { ...resume, ...general } : general;

interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly argument: string | undefined;
  readonly operands: readonly string[];
}

function parse(command: Command, args: readonly string[]): Parsed {
  const options: Record<string, { type: "string" | "boolean" }> = {};
  for (const name of command.fields) {
    const { flag, kind } = fieldInfo(name);
    options[flag.slice(2)] = { type: kind === "boolean" ? "boolean" : "string" };
    if (kind === "boolean") options[`no-${flag.slice(2)}`] = { type: "boolean" };
  }
  const switches = switchesOf(command);
  for (const [name, { value }] of Object.entries(switches)) options[name] = { type: value ? "string" : "boolean" };
  // Not strict, because its errors do not say what is allowed instead.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, string | boolean> = {};
  const given = new Set<string>();
  const operands: string[] = [];
  let argument: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (command.operands) operands.push(token.value);
      else argument = argumentOf(command, token.value, argument);
      continue;
    }
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (!option) throw unknownFlag(command, token.rawName, Object.keys(options));
    if (option.type === "boolean" && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
    if (option.type === "string" && !token.value) throw new UsageError(`${token.rawName} needs a value`);
    if (switches[token.name] && !token.value) given.add(token.name);
    else values[token.name] = token.value ?? true;
  }
  return { values, switches: given, argument, operands };
}

function argumentOf({ name, argument }: Command, value: string, before: string | undefined): string {
  if (!argument) throw new UsageError(`${name} takes no argument "${value}", only flags`);
  if (!argument.values.includes(value)) {
    throw new UsageError(`${name}: "${value}" is not one of ${argument.values.join(", ")}`);
  }
  if (before !== undefined) {
    throw new UsageError(`${name} takes one of ${argument.values.join(", ")}, not "${value}" too`);
  }
  return value;
}

function unknownFlag({ name }: Command, flag: string, known: readonly string[]): UsageError {
  const nearest = known.map((option) => ({ option, distance: editDistance(`--${option}`, flag) }))
    .toSorted((a, b) => a.distance - b.distance)[0]!;
  const hint = nearest.distance <= 2 ? `did you mean --${nearest.option}?` : `deno task ${name} --help lists them`;
  return new UsageError(`${flag} is not a flag of ${name}; ${hint}`);
}

/**
 * The configuration that flags give, with the preset and the file that they name.
 *
 * @throws {UsageError} if a value is none that is allowed
 */
export async function configurationOf(values: Parsed["values"]): Promise<Configuration> {
  const flags: Given = {};
  for (const name of fieldNames) {
    const { flag, kind } = fieldInfo(name);
    const value = values[flag.slice(2)];
    if (value !== undefined) flags[name] = kind === "number" ? numberOf(String(value)) : value;
    if (values[`no-${flag.slice(2)}`]) flags[name] = false;
  }
  const path = values["config"];
  const file = typeof path === "string" ? { path, values: await readJson(path) } : undefined;
  return resolveConfiguration(String(values["preset"] ?? "quick"), file, flags);
}

/** A number, or the text that is not one, for the error to show. */
const numberOf = (text: string): number | string => {
  const number = Number(text);
  return text.trim() === "" || Number.isNaN(number) ? text : number;
};

async function readJson(path: string): Promise<unknown> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw error instanceof Deno.errors.NotCapable ? error : new UsageError(`--config: ${path} cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--config: ${path} is not JSON`);
  }
}

/** Usage, and every flag with its values, its default in each preset and what it is for. */
export function helpText(command: Command, summary: string): string {
  const fields = command.fields.map((name): [string, string] => {
    const { flag, kind, expects, description, initial } = fieldInfo(name);
    if (kind === "boolean") return [initial === true ? `--no-${flag.slice(2)}` : flag, description];
    const ofPresets = presetNames.filter((preset) => name in presets[preset])
      .map((preset) => `${(presets[preset] as Given)[name]} in ${preset}`);
    const defaults = [...(initial === undefined ? [] : [String(initial)]), ...ofPresets].join(", ");
    return [`${flag} VALUE`, `${description}; ${expects}${defaults && ` (default ${defaults})`}`];
  });
  const switches = Object.entries(switchesOf(command)).map(([name, { value, description }]): [string, string] => [
    `--${name}${value ? ` ${value}` : ""}`,
    description,
  ]);
  const rows = [...fields, ...switches];
  const width = Math.max(...rows.map(([flag]) => flag.length));
  const lines = rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`);
  const values = command.argument?.values.join("|");
  const argument = values !== undefined
    ? (command.argument?.optional ? ` [${values}]` : ` ${values}`)
    : command.operands
    ? ` ${command.operands}...`
    : "";
  return `${summary}\n\nUsage: deno task ${command.name}${argument} [flags]\n\n${lines.join("\n")}`;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (a[i] === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}
