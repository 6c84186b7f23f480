/**
 * JSON files of a run: indented where people read them, checked by a schema where a command reads them.
 *
 * @module
 */
import type { z } from "zod";
import { writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import { parseJson } from "../../data/files/json.ts";
import { textIfThere } from "../../data/files/read_file.ts";
import { prettyJson } from "../../export/pretty_json.ts";

/** Writes a value as indented JSON. */
export const writeJson = (path: string, value: unknown): Promise<void> => writeFileAtomic(path, prettyJson(value));

/**
 * Reads a file that a command writes.
 *
 * @param task the words after `deno task` that write it
 * @param remedy what to do if it does not match
 * @returns undefined if there is no such file
 * @throws {InputError} if it does not match the schema
 */
export async function readJsonIfThere<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  task: string,
  remedy = "run it again with --force",
): Promise<z.output<Schema> | undefined> {
  const text = await textIfThere(path);
  if (text === undefined) return undefined;
  const { success, data } = schema.safeParse(parseJson(text));
  if (success) return data;
  throw new InputError(`${path} is not as \`deno task ${task}\` writes it; ${remedy}`);
}

/** Like {@linkcode readJsonIfThere}; a missing file is an error. */
export async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  task: string,
): Promise<z.output<Schema>> {
  const value = await readJsonIfThere(path, schema, task);
  if (value === undefined) throw new InputError(`${path} does not exist; run \`deno task ${task}\` first`);
  return value;
}

/** The lines of a JSONL text that match a schema; a line that is cut off is left out. */
export const parseLines = <Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema>[] =>
  text.split("\n").flatMap((line) => {
    const { success, data } = schema.safeParse(parseJson(line));
    return success ? [data] : [];
  });
