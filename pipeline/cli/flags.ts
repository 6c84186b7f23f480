/**
 * Reads the words of a command line.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import { type Configuration, type Field, fieldInfo, type Given } from "../configuration/fields.ts";
import type { PresetName } from "../configuration/presets.ts";
import { valueText } from "../configuration/printable.ts";
import { readConfigurationFile } from "../configuration/configuration_file.ts";
import { presetOf, resolveConfiguration, withFolder } from "../configuration/resolve.ts";
import { didYouMean, nearest } from "../configuration/suggestions.ts";
import type { SwitchName } from "../configuration/synonyms.ts";
import { UsageError } from "../configuration/usage_error.ts";
import type { Command } from "./command.ts";
import { switchesOf } from "./switches.ts";
import { unknownFlag } from "./unknown_flag.ts";

/** The words behind a command, each checked to be one of its flags. */
export interface Parsed {
  /** Values of fields, not checked yet. */
  readonly given: Given;
  readonly preset: string | undefined;
  readonly config: string | undefined;
  readonly switches: ReadonlySet<SwitchName>;
  readonly argument: string | undefined;
  readonly operands: readonly string[];
}

/** A flag that a command has: a field, a boolean field's negation, or a switch. */
type Option =
  | { readonly kind: "field"; readonly field: Field; readonly takesValue: boolean; readonly sets?: boolean }
  | { readonly kind: "switch"; readonly name: SwitchName; readonly takesValue: boolean };

/** The flags of a command by their names, without dashes. */
function optionsOf(command: Command): Record<string, Option> {
  const options: Record<string, Option> = {};
  for (const field of command.fields) {
    const { flag, kind } = fieldInfo(field);
    const name = flag.slice(2);
    if (kind !== "boolean") options[name] = { kind: "field", field, takesValue: true };
    else {
      options[name] = { kind: "field", field, takesValue: false, sets: true };
      options[`no-${name}`] = { kind: "field", field, takesValue: false, sets: false };
    }
  }
  for (const [name, { value }] of Object.entries(switchesOf(command))) {
    options[name] = { kind: "switch", name: name as SwitchName, takesValue: value !== undefined };
  }
  return options;
}

/** The help that the words ask for, if they do: `-h`, `--help`, `--help all`. It comes before every error. */
export function helpAsked(args: readonly string[]): "common" | "all" | undefined {
  const words = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const at = words.findIndex((word) => ["-h", "--help", "--help=all"].includes(word));
  if (at < 0) return undefined;
  return words[at] === "--help=all" || words[at + 1] === "all" ? "all" : "common";
}

/**
 * Reads the words behind a command.
 *
 * @throws {UsageError} naming a flag that the command does not have, or whose value is missing
 */
export function parseFlags(command: Command, args: readonly string[]): Parsed {
  const options = optionsOf(command);
  const types = Object.fromEntries(
    Object.entries(options).map((
      [name, { takesValue }],
    ) => [name, { type: takesValue ? "string" : "boolean" } as const]),
  );
  // Not strict, because its errors suggest nothing.
  const { tokens } = parseArgs({
    args: [...args],
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: Given = {};
  const values: Partial<Record<SwitchName, string>> = {};
  const switches = new Set<SwitchName>();
  const operands: string[] = [];
  let argument: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (command.operands) operands.push(token.value);
      else argument = argumentOf(command, token.value, argument, args[token.index - 1]);
    }
    if (token.kind !== "option") continue;
    // A word with one dash is read as letters; only the first of them counts.
    const option = token.rawName.startsWith("--") ? ownOf(options, token.name) : undefined;
    if (!option) throw unknownFlag(command, args[token.index]!.replace(/=.*/s, ""), Object.keys(options));
    const value = valueOf(token, option);
    if (option.kind === "switch") {
      if (value === undefined) switches.add(option.name);
      else values[option.name] = value;
    } else given[option.field] = option.sets ?? read(option.field, value!);
  }
  return { given, preset: values.preset, config: values.config, switches, argument, operands };
}

const ownOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** @throws {UsageError} if a value is missing, or given to a flag without one */
function valueOf({ rawName, value, inlineValue }: OptionToken, option: Option): string | undefined {
  if (!option.takesValue) {
    if (value === undefined) return undefined;
    throw new UsageError(
      `${rawName} takes no value${option.kind === "field" ? `; ${booleanHint(fieldInfo(option.field).flag)}` : ""}`,
    );
  }
  // Two dashes start the next flag.
  if (!value || (!inlineValue && value.startsWith("--"))) throw new UsageError(`${rawName} needs a value`);
  return value;
}

const booleanHint = (flag: string): string => `write ${flag} or --no-${flag.slice(2)}`;

/** JavaScript reads more as numbers: hexadecimal ones, spaces around them. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number where the field takes one; a text that is none stays, for the error to show. */
function read(field: Field, text: string): number | string {
  if (fieldInfo(field).kind !== "number") return text;
  const number = Number(text);
  if (!DECIMAL.test(text) || !Number.isFinite(number)) return text;
  // Without this, -0 stays a number of its own.
  return number + 0;
}

/** @param before the word in front of the argument */
function argumentOf(
  { name, argument, fields }: Command,
  value: string,
  first: string | undefined,
  before: string | undefined,
): string {
  const boolean = fields.map(fieldInfo).find(({ flag, kind }) =>
    kind === "boolean" && [flag, `--no-${flag.slice(2)}`].includes(before ?? "")
  );
  if (boolean && !argument?.values.includes(value)) {
    throw new UsageError(`${before} takes no value ${valueText(value)}; ${booleanHint(boolean.flag)}`);
  }
  if (!argument) throw new UsageError(`${name} takes no argument ${valueText(value)}, only flags`);
  if (!argument.values.includes(value)) {
    const hint = didYouMean(nearest(value, argument.values));
    throw new UsageError(`${name}: ${valueText(value)} is not one of ${argument.values.join(", ")}${hint}`);
  }
  if (first !== undefined) {
    throw new UsageError(`${name} takes one of ${argument.values.join(", ")}, not ${valueText(value)} too`);
  }
  return value;
}

/** A configuration, and the fields in it that are no defaults. */
export interface Resolved {
  readonly configuration: Configuration;
  readonly given: ReadonlySet<Field>;
}

/**
 * The configuration that flags give, with the preset and the file that they name.
 *
 * @throws {UsageError} if the file cannot be read or a value is not allowed
 */
export async function resolved({ given = {}, preset = "quick", config }: Partial<Parsed>): Promise<Resolved> {
  const file = config === undefined ? undefined : { path: config, values: await readConfigurationFile(config) };
  const configuration = resolveConfiguration(preset, file, given);
  const others = withFolder(preset as PresetName, { ...file?.values as Given | undefined, ...given });
  const named = [presetOf(preset as PresetName, file?.values, others), others].flatMap(Object.keys);
  return { configuration, given: new Set(named as Field[]) };
}

/** The configuration alone of {@linkcode resolved}. */
export const configurationOf = async (parsed: Partial<Parsed>): Promise<Configuration> =>
  (await resolved(parsed)).configuration;
