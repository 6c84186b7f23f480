/**
 * The help of a command, and the list of all commands.
 *
 * @module
 */
import wrapAnsi from "wrap-ansi";
import { type Group, groups } from "../configuration/fields/field.ts";
import { type Field, fieldInfo, type Given } from "../configuration/fields.ts";
import { type Preset, presets } from "../configuration/presets.ts";
import type { Command } from "./command.ts";
import { switchesOf } from "./switches.ts";

/** The words of a command's help that its flags do not give. */
export interface Introduction {
  /** Says in a line what the command does. */
  readonly summary: string;
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
}

/** Columns where the output is no terminal. */
const DEFAULT_WIDTH = 80;
/** Longer lines are hard to read. */
const MAX_WIDTH = 110;
const MIN_WIDTH = 20;

/** Columns of the terminal, as far as the help uses them. */
export function helpWidth(): number {
  if (!Deno.stdout.isTerminal()) return DEFAULT_WIDTH;
  const { columns } = Deno.consoleSize();
  return columns > 0 ? columns : DEFAULT_WIDTH;
}

/** A name, and the text beside or below it. */
type Row = readonly [name: string, text: string];

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Commands with at most this many fields show them all. */
const FEW = 12;

/**
 * The help of a command: usage, examples, and its flags in groups.
 *
 * @param all whether every flag and preset is shown, not only the common ones
 * @param width columns
 */
export function helpText(command: Command, introduction: Introduction, all: boolean, width: number): string {
  const { summary, examples } = introduction;
  const { fields } = command;
  const shown = all || fields.length <= FEW ? fields : fields.filter((field) => fieldInfo(field).common);
  const paragraphs = [
    wrapped(summary, width),
    wrapped(`Usage: deno task ${command.name}${argumentText(command)} [flags]`, width, 0, 2),
    ["Examples:", ...examples.flatMap(([line, does]) => exampleText(line, does, width))].join("\n"),
    ...sections(command, shown).map((section) => sectionText(section, width)),
    ...(all && fields.length ? [sectionText(presetSection(fields), width)] : []),
    ...(all || fields.length === 0 ? [] : [wrapped(moreText(command, fields.length - shown.length), width)]),
  ];
  return paragraphs.join("\n\n");
}

/** The list of all commands, with what each one does. */
export function commandsText(summaries: Readonly<Record<string, string>>, width: number): string {
  const rows = Object.entries(summaries).map(([name, summary]): Row => [`deno task ${name}`, summary]);
  return [
    sectionText({ title: "Commands", rows }, width),
    wrapped("`deno task COMMAND --help` shows the flags of a command, `deno task` every task.", width),
  ].join("\n\n");
}

function argumentText({ argument, operands }: Command): string {
  if (argument) {
    const values = argument.values.join("|");
    return argument.optional ? ` [${values}]` : ` ${values}`;
  }
  return operands ? ` ${operands}...` : "";
}

const exampleText = (line: string, does: string, width: number): string[] => [
  wrapped(`# ${does}`, width, 2, 4),
  wrapped(line, width, 2, 6),
];

/** The flags in their groups; those of every command come last. */
function sections(command: Command, fields: readonly Field[]): Section[] {
  const switches = Object.entries(switchesOf(command)).map(([name, { group, value, description }]) => ({
    group,
    row: [`${name === "help" ? "-h, " : ""}--${name}${value ? ` ${value}` : ""}`, description] as const,
  }));
  const rowsOf = (group: Group | undefined): Row[] => [
    ...switches.filter((flag) => flag.group === group).map(({ row }) => row),
    ...fields.filter((field) => fieldInfo(field).group === group).map(fieldRow),
  ];
  const titled: [Group | undefined, string][] = [
    ...Object.entries(groups) as [Group, string][],
    [undefined, "Every command"],
  ];
  return titled.map(([group, title]) => ({ title, rows: rowsOf(group) })).filter(({ rows }) => rows.length > 0);
}

/** An expectation that says no more than the placeholder beside the flag. */
const ONLY_A_PATH = /^an? (\S+ )?(file|folder)$/;

function fieldRow(field: Field): Row {
  const { flag, kind, placeholder, description, expects, initial, choices } = fieldInfo(field);
  if (kind === "boolean") return [initial === true ? `--no-${flag.slice(2)}` : flag, description];
  const allowed = choices && expects.startsWith("one of ") ? choices.join(", ") : expects;
  const details = [
    ...(ONLY_A_PATH.test(expects) ? [] : [allowed]),
    ...(initial === undefined || field === "run" ? [] : [`default ${initial}`]),
  ];
  return [`${flag} ${placeholder}`, details.length ? `${description} (${details.join("; ")})` : description];
}

/** The presets, each with what it sets of a command's fields. */
function presetSection(fields: readonly Field[]): Section {
  const rows = Object.entries<Preset>(presets).map(([name, preset]): Row => {
    const { description } = preset;
    const values = { ...preset.values, ...preset.ofShapes, ...preset.ofNewWeights, ...preset.ofValidation };
    const flags = fields.filter((field) => field in values).map((field) => flagText(field, values));
    return [name, flags.length ? `${description}\nSets ${flags.join(" ")}` : description];
  });
  return { title: "Presets", rows };
}

const flagText = (field: Field, values: Given): string => `${fieldInfo(field).flag} ${values[field]}`;

function moreText({ name }: Command, hidden: number): string {
  const more = hidden ? `${hidden} more flags and the presets` : "the presets";
  return `\`deno task ${name} --help all\` shows ${more}.`;
}

/** Columns from which on a text stands beside its name. */
const BESIDE_WIDTH = 60;
/** The longest name beside which its text stands; a longer one has its text below. */
const NAME_WIDTH = 26;

function sectionText({ title, rows }: Section, width: number): string {
  const column = Math.min(NAME_WIDTH, Math.max(...rows.map(([name]) => name.length))) + 4;
  const lines = rows.flatMap(([name, text]) => {
    if (width < BESIDE_WIDTH) return [wrapped(name, width, 2, 4), wrapped(text, width, 6)];
    const body = wrapped(text, width, column);
    return name.length + 4 <= column ? [`  ${name}`.padEnd(column) + body.slice(column)] : [`  ${name}`, body];
  });
  return [`${title}:`, ...lines].join("\n");
}

/** Breaks a text into lines of at most some columns, the first indented by `first`, the others by `rest`. */
function wrapped(text: string, width: number, first = 0, rest = first): string {
  const columns = Math.max(MIN_WIDTH, Math.min(width, MAX_WIDTH));
  const indent = Math.max(first, rest);
  const lines = wrapAnsi(text, columns - indent, { hard: true }).split("\n");
  return lines.map((line, at) => " ".repeat(at === 0 ? first : rest) + line).join("\n");
}
