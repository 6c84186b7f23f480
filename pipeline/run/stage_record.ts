/**
 * Records of stages: a stage is skipped while its settings, inputs and outputs are unchanged.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { notRead } from "../../data/files/file_errors.ts";
import { folderOf } from "../../data/files/files.ts";
import { FolderBusyError, type FolderLock, lockFolder } from "../../data/files/folder_lock.ts";
import { parseJson } from "../../data/files/json.ts";
import { openIfThere, textIfThere } from "../../data/files/read_file.ts";
import { pathText } from "../../data/printable.ts";
import type { Context } from "../cli/command.ts";
import { writeJson } from "./json_file.ts";

const Digests = z.record(z.string(), z.string());

/** The record of a stage. Paths are relative to the record's folder, so that the folder can be moved. */
const StageRecord = z.strictObject({
  stage: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** SHA-256 by path. */
  inputs: Digests,
  outputs: Digests,
});
type StageRecord = Readonly<z.output<typeof StageRecord>>;

export interface Stage {
  readonly name: string;
  /** The path of its record. */
  readonly record: string;
  /** Everything but files that its outputs depend on. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Behaviour while another process works in the record's folder; default: refuse. */
  readonly whenBusy?: "refuse" | "wait";
}

const LOOK_AGAIN_MILLISECONDS = 200;

/**
 * Runs the body of a stage and records its files, unless the stage is up to date. Meanwhile no other process runs a stage
 * in the folder of its record.
 *
 * @returns true if the stage is up to date and is skipped
 */
export async function runStage(stage: Stage, context: Context, body: () => Promise<void>): Promise<boolean> {
  if (await whyRun(stage, context) === undefined) return true;
  using _lock = await lockFor(stage, context);
  // Another process may have run the stage while this one waited.
  const reason = await whyRun(stage, context);
  if (reason === undefined) return true;
  const { log } = context;
  log(`${stage.name}: running (${reason})`);
  // Digests inputs first: they may change meanwhile.
  const inputs = await digestsOf(stage, stage.inputs);
  await body();
  const { name, settings } = stage;
  const done: StageRecord = { stage: name, settings, inputs, outputs: await digestsOf(stage, stage.outputs) };
  await writeJson(stage.record, done);
  return false;
}

async function whyRun(stage: Stage, { force, log }: Context): Promise<string | undefined> {
  const reason = force ? "--force" : await whyStale(stage);
  if (reason === undefined) log(`${stage.name}: up to date`);
  return reason;
}

async function lockFor({ name, record, whenBusy = "refuse" }: Stage, { signal, log }: Context): Promise<FolderLock> {
  for (let waited = false;; waited = true) {
    signal.throwIfAborted();
    try {
      return await lockFolder(folderOf(record), `deno task ${name}`);
    } catch (error) {
      if (!(error instanceof FolderBusyError && whenBusy === "wait")) throw error;
      if (!waited) log(`${name}: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
    }
  }
}

/** The settings of the last run of a stage, or undefined if its record is missing or damaged. */
export async function recordedSettings(record: string): Promise<StageRecord["settings"] | undefined> {
  const before = await readRecord(record);
  return before === "damaged" ? undefined : before?.settings;
}

/** Tests that a file is unchanged since a stage wrote it. */
export async function isAsRecorded(record: string, output: string): Promise<boolean> {
  const before = await readRecord(record);
  if (before === undefined || before === "damaged") return false;
  const recorded = own(before.outputs, relativeTo(record, output));
  return recorded !== undefined && recorded === await sha256(output);
}

/** Tests that a file that a stage read has changed since; false if the file or the record is missing. */
export async function isChangedInput(record: string, input: string): Promise<boolean> {
  const before = await readRecord(record);
  const digest = await sha256(input);
  if (before === undefined || before === "damaged" || digest === undefined) return false;
  return before.inputs[relativeTo(record, input)] !== digest;
}

/** The reason to run a stage again, or undefined if it is up to date. */
export async function whyStale({ name, record, settings, inputs, outputs }: Stage): Promise<string | undefined> {
  const before = await readRecord(record);
  if (before === undefined) return "never run";
  if (before === "damaged") return `${record} is damaged`;
  const plain = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
  for (const key of new Set([...Object.keys(plain), ...Object.keys(before.settings)])) {
    const [was, is] = [before.settings, plain].map((values) => JSON.stringify(own(values, key)));
    if (was !== is) return `${key} changed from ${was ?? "its default"} to ${is ?? "its default"}`;
  }
  const files = [
    ...inputs.map((path) => ({ path, what: "input", recorded: before.inputs })),
    ...outputs.map((path) => ({ path, what: "output", recorded: before.outputs })),
  ];
  for (const { path, what, recorded } of files) {
    const digest = await sha256(path);
    const expected = own(recorded, relativeTo(record, path));
    if (digest === undefined) return `${what} ${path} is missing`;
    if (expected === undefined) return `${what} ${path} is new`;
    if (digest !== expected) return `${what} ${path} changed`;
  }
  const known = new Set([...inputs, ...outputs].map((path) => relativeTo(record, path)));
  for (const [what, recorded] of [["input", before.inputs], ["output", before.outputs]] as const) {
    const gone = Object.keys(recorded).find((path) => !known.has(path));
    if (gone !== undefined) return `${what} ${pathText(join(folderOf(record), gone))} is no longer used`;
  }
  return before.stage === name ? undefined : `${record} is of another stage`;
}

/** Looks up a name that a user chose, which may be one that every object has: `constructor`. */
const own = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

async function digestsOf({ record }: Stage, paths: readonly string[]): Promise<Record<string, string>> {
  const digests = paths.map(async (path) => [relativeTo(record, path), await sha256(path) ?? "missing"]);
  return Object.fromEntries(await Promise.all(digests));
}

/** Bytes of a file that are read at once. Streams of files read far less, which takes five times the processor time. */
const CHUNK_BYTES = 2 ** 20;

/** SHA-256 of a file, or undefined if there is none. */
export async function sha256(path: string): Promise<string | undefined> {
  const opened = await openIfThere(path);
  if (!opened) return undefined;
  using file = opened.file;
  const hash = createHash("sha256"), chunk = new Uint8Array(Math.min(CHUNK_BYTES, opened.size + 1));
  try {
    for (let read; (read = await file.read(chunk)) !== null;) hash.update(chunk.subarray(0, read));
  } catch (error) {
    throw notRead(path, error);
  }
  return hash.digest("hex");
}

async function readRecord(path: string): Promise<StageRecord | "damaged" | undefined> {
  const text = await textIfThere(path);
  if (text === undefined) return undefined;
  const { success, data } = StageRecord.safeParse(parseJson(text));
  return success ? data : "damaged";
}

const relativeTo = (record: string, path: string) => relative(resolve(folderOf(record)), resolve(path));
