/**
 * The configuration: one flat list of fields. Flags, files, help and types all derive from it.
 *
 * @module
 */
import { z } from "zod";
import { dataFields } from "./fields/data.ts";
import { evaluationFields } from "./fields/evaluation.ts";
import { balanceFields } from "./fields/balance.ts";
import { exportFields, parityFields, predictionFields } from "./fields/export.ts";
import { type Declaration, declarations, type Placeholder } from "./fields/field.ts";
import { hardwareFields } from "./fields/hardware.ts";
import { networkFields } from "./fields/network.ts";
import { recipeFields } from "./fields/recipe.ts";
import { runFields } from "./fields/run.ts";
import { trainingFields } from "./fields/training.ts";

/** Every field: its type, range and default. Files of runs and exported models keep this order. */
export const Configuration = z.strictObject({
  ...runFields,
  ...dataFields,
  ...networkFields,
  ...trainingFields,
  ...recipeFields,
  ...hardwareFields,
  ...evaluationFields,
  ...balanceFields,
  ...exportFields,
  ...predictionFields,
  ...parityFields,
});

export type Configuration = z.output<typeof Configuration>;
export type Field = keyof Configuration;
/** Values of some fields, not checked yet. */
export type Given = Partial<Record<Field, unknown>>;

export const fieldNames = Object.keys(Configuration.shape) as Field[];

/** The type of a field's value. */
export type Kind = "number" | "boolean" | "string";

export interface FieldInfo extends Declaration {
  /** With its dashes. */
  readonly flag: string;
  readonly kind: Kind;
  readonly expects: string;
  readonly placeholder: Placeholder;
  /** The default; undefined where the field is optional. */
  readonly initial: unknown;
  /** All values, where the schema lists them. */
  readonly choices: readonly string[] | undefined;
}

/** The parts of a JSON schema that fields use. */
interface Schema {
  readonly type: "string" | "boolean" | "number" | "integer";
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

const kinds: Readonly<Record<Schema["type"], Kind>> = {
  string: "string",
  boolean: "boolean",
  number: "number",
  integer: "number",
};

const infos = new Map<Field, FieldInfo>();

/** The flag, the values and the words of a field. */
export function fieldInfo(name: Field): FieldInfo {
  const known = infos.get(name);
  if (known) return known;
  const declaration = declarations.get(Configuration.shape[name])!;
  const schema = z.toJSONSchema(Configuration.shape[name]) as Schema;
  const info: FieldInfo = {
    ...declaration,
    flag: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    kind: kinds[schema.type],
    expects: declaration.expects ?? expectation(schema),
    placeholder: declaration.placeholder ?? (kinds[schema.type] === "number" ? "NUMBER" : "NAME"),
    initial: schema.default,
    choices: schema.enum,
  };
  infos.set(name, info);
  return info;
}

/** States the values that a schema allows. */
function expectation(schema: Schema): string {
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "boolean") return "true or false";
  const { type, multipleOf, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const noun = multipleOf === undefined ? { integer: "a whole number" }[type as string] : multiples(multipleOf);
  const from = exclusiveMinimum === undefined
    ? `from ${numberText(minimum!)}`
    : `above ${numberText(exclusiveMinimum)}`;
  const joint = exclusiveMinimum === undefined ? "to" : "and";
  const to = exclusiveMaximum === undefined
    ? `${exclusiveMinimum === undefined ? "" : "at most "}${numberText(maximum!)}`
    : `below ${numberText(exclusiveMaximum)}`;
  return `${noun ?? "a number"} ${from} ${joint} ${to}`;
}

const multiples = (of: number) => of === 2 ? "an even number" : `a multiple of ${of}`;

/** A bound as people write it. */
function numberText(value: number): string {
  if (value === Number.MAX_SAFE_INTEGER) return "2^53 - 1";
  return value >= 1e6 ? value.toExponential().replace("e+", "e") : String(value);
}
