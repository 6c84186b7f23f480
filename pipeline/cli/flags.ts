/**
 * The flags of a command: reading them, and its help.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { type Configuration, fieldInfo, fieldNames, type Given } from "../configuration/fields.ts";
import { presetNames, presets } from "../configuration/presets.ts";
import { resolveConfiguration } from "../configuration/resolve.ts";
import { UsageError } from "../configuration/usage_error.ts";

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

/** What stands on a command line. */
export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly argument: string | undefined;
  readonly operands: readonly string[];
}

/**
 * Reads the words behind a command.
 *
 * @throws {UsageError} naming a flag that the command does not have, or whose value is missing
 */
export function parseFlags(command: Command, args: readonly string[]): Parsed {
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
