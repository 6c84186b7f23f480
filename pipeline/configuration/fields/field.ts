/**
 * The declaration of a field: its schema, and the words that help and errors show.
 *
 * @module
 */
import { z } from "zod";

/** Groups of fields, in the order of the help, with their titles. */
export const groups = {
  run: "Run",
  data: "Data",
  network: "Network",
  shaking: "Shaking",
  optimisation: "Optimisation",
  averaging: "Averaging",
  augmentation: "Augmentation",
  evaluation: "Evaluation",
  export: "Export",
  output: "Output",
  hardware: "Hardware",
} as const;
export type Group = keyof typeof groups;

/** Words that stand for a value in the help. */
export type Placeholder = "DURATION" | "FILE" | "FOLDER" | "LIST" | "NAME" | "NUMBER" | "SPLIT";

export interface Declaration {
  readonly group: Group;
  /** States what the field sets. The description of a boolean says what its flag does: `--no-skip` for one that is true. */
  readonly description: string;
  /** Default: derived from the schema, for numbers, booleans and choices. */
  readonly expects?: string;
  /** Default: derived from the schema. */
  readonly placeholder?: Placeholder;
  /** The names that a list consists of, for suggestions. */
  readonly items?: readonly string[];
  /** Most people need this field: the short help shows it. */
  readonly common?: true;
}

/** The declaration of each field's schema. */
export const declarations = z.registry<Declaration>();

export function field<T extends z.ZodType>(schema: T, declaration: Declaration): T {
  declarations.add(schema, declaration);
  return schema;
}

/** A field that takes one of some values. */
export const choice = <const T extends readonly string[]>(values: T, initial: T[number], declaration: Declaration) =>
  field(z.enum(values).default(initial as never), declaration);

/** The most of anything that is counted. */
const MOST = 1e9;

export const whole = (least: number, most = MOST) => z.int().min(least).max(most);
export const positive = z.number().gt(0).max(1e6);
export const path = z.string().min(1);

/** Writes a number in one way, so that equal choices are equal texts. */
export const inOneWay = (value: unknown): unknown => {
  const isNumeric = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  return isNumeric && Number.isFinite(Number(value)) ? String(Number(value)) : value;
};

/** Keeps the folder of a run within the folder of all runs. */
export const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
