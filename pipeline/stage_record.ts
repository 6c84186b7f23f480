/**
 * What a stage read and wrote, so that it is run again only if something of it no longer holds.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { relative, resolve } from "node:path";
import { folderOf, writeFileAtomic } from "../data/files.ts";
import type { Context } from "./command.ts";

/** A run of a stage, as it is written. Paths are relative to the record's folder, so that a folder can be moved. */
interface StageRecord {
  readonly stage: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** SHA-256 by path. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly name: string;
  /** Path of its record. */
  readonly record: string;
  /** Everything but files that its outputs depend on. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Runs the body of a stage unless what it made still holds, and records what it then has made.
 *
 * @returns whether what it made still held
 */
export async function runStage(stage: Stage, { force, log }: Context, body: () => Promise<void>): Promise<boolean> {
  const reason = force ? "--force" : await whyStale(stage);
  if (reason === undefined) {
    log(`${stage.name}: up to date`);
    return true;
  }
  log(`${stage.name}: running (${reason})`);
  await body();
  await recordStage(stage);
  return false;
}

/** The settings with which a stage was run last, if its record is whole. */
export async function recordedSettings(record: string): Promise<StageRecord["settings"] | undefined> {
  const before = await readRecord(record);
  return before === "damaged" ? undefined : before?.settings;
}

/** Why the stage must be run again, or undefined if it need not. */
export async function whyStale({ name, record, settings, inputs, outputs }: Stage): Promise<string | undefined> {
  const before = await readRecord(record);
  if (before === undefined) return "never run";
  if (before === "damaged") return `${record} is damaged`;
  const plain = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
  for (const key of new Set([...Object.keys(plain), ...Object.keys(before.settings)])) {
    const [was, is] = [before.settings[key], plain[key]].map((value) => JSON.stringify(value));
    if (was !== is) return `${key} changed from ${was ?? "its default"} to ${is ?? "its default"}`;
  }
  const files = [
    ...inputs.map((path) => ({ path, what: "input", recorded: before.inputs })),
    ...outputs.map((path) => ({ path, what: "output", recorded: before.outputs })),
  ];
  for (const { path, what, recorded } of files) {
    const digest = await sha256(path);
    const expected = recorded[relativeTo(record, path)];
    if (digest === undefined) return `${what} ${path} is missing`;
    if (expected === undefined) return `${what} ${path} is new`;
    if (digest !== expected) return `${what} ${path} changed`;
  }
  return before.stage === name ? undefined : `${record} is of another stage`;
}

/** Writes down what a stage has read and written. */
async function recordStage({ name, record, settings, inputs, outputs }: Stage): Promise<void> {
  const digests = async (paths: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(paths.map(async (path) => [relativeTo(record, path), await sha256(path) ?? "missing"])),
    );
  const done: StageRecord = { stage: name, settings, inputs: await digests(inputs), outputs: await digests(outputs) };
  await writeFileAtomic(record, JSON.stringify(done, null, 2) + "\n");
}

/** SHA-256 of a file, or undefined if there is none. */
export async function sha256(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  const hash = createHash("sha256");
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

async function readRecord(path: string): Promise<StageRecord | "damaged" | undefined> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
  try {
    const { stage, settings, inputs, outputs } = JSON.parse(text);
    const whole = typeof stage === "string" &&
      [settings, inputs, outputs].every((part) => typeof part === "object" && part);
    return whole ? { stage, settings, inputs, outputs } : "damaged";
  } catch {
    return "damaged";
  }
}

const relativeTo = (record: string, path: string) => relative(resolve(folderOf(record)), resolve(path));
