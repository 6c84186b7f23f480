/**
 * The outline of a traced function: what the engine has to know of its graph when the cache has the optimised model.
 *
 * The cache finds an outline by the function's subject and sources. On a hit the function is not traced. While one process
 * traces, others that need the same function wait for it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ALL_REDUCE, type Graph, outputName } from "../onnx/without_tracer.ts";
import { graphDigest } from "./graph_digest.ts";
import type { SessionCache } from "./session_cache.ts";
import { sourceDigest } from "./source_digest.ts";
import type { OutputType } from "./summing_session.ts";

export interface ProgramOutline {
  /** The digest of the graph. */
  readonly graph: string;
  readonly inputs: readonly string[];
  /** The outputs by name, each with the name of its value in the ONNX model. */
  readonly outputs: Readonly<Record<string, OutputType & { readonly inModel: string }>>;
  /** The graph sums over processes. */
  readonly sums: boolean;
}

/** A function of tensors. It is traced when its graph is needed first. */
export interface Traced {
  readonly outline: ProgramOutline;
  graph(): Promise<Graph>;
}

/** The rooms whose sources may decide what a function computes. */
const SOURCES = ["data", "engine", "export", "model", "onnx", "pipeline"];
/** Longest time that a process waits for another one that traces and compiles. */
const PATIENCE_MILLISECONDS = 300_000;
const LOOK_AGAIN_MILLISECONDS = 100;

/** The digest of the sources, read once: a process runs the sources that it has loaded. */
let sources: Promise<string> | undefined;

/**
 * Compiles a function, with the outline that is kept for its subject, or with that of its trace, which is then kept.
 *
 * @param subject decides, with the program's sources, what `trace` returns
 * @param compile makes the program, and entries of the cache for its graph
 */
export async function compileOnce<Program>(
  cache: SessionCache,
  subject: string,
  trace: () => Promise<Graph>,
  compile: (traced: Traced) => Promise<Program>,
  version?: string,
): Promise<Program> {
  const name = digestOf(cache.made, version ?? await (sources ??= sourceDigest(SOURCES)), subject);
  const path = join(cache.folder, `${name}.json`);
  const known = await readOutline(name, path);
  if (known) {
    // The outlines that are used stay.
    if (cache.isWritable) await Deno.utime(path, new Date(), new Date()).catch(() => {});
    return await compile(tracedLater(known, trace));
  }
  if (!cache.isWritable) return await compile(tracedNow(await trace()));
  using _lock = await lockIfPossible(join(cache.folder, `${name}.lock`));
  // Another process may have traced while this one waited.
  const made = await readOutline(name, path);
  if (made) return await compile(tracedLater(made, trace));
  const traced = tracedNow(await trace());
  const program = await compile(traced);
  await writeOutline(name, path, traced.outline).then(() => cache.removeOldest()).catch(() => {});
  return program;
}

/** A function that is traced. */
export const tracedNow = (graph: Graph): Traced => ({ outline: outlineOf(graph), graph: () => Promise.resolve(graph) });

const tracedLater = (outline: ProgramOutline, trace: () => Promise<Graph>): Traced => {
  let graph: Promise<Graph> | undefined;
  return { outline, graph: () => graph ??= trace() };
};

function outlineOf(graph: Graph): ProgramOutline {
  const outputs = Object.entries(graph.outputs).map(([name, { shape, dtype }]) => [
    name,
    { inModel: outputName(graph, name), shape, dtype },
  ]);
  return {
    graph: graphDigest(graph),
    inputs: Object.keys(graph.inputs),
    outputs: Object.fromEntries(outputs),
    sums: graph.kernels.some(({ name }) => name === ALL_REDUCE),
  };
}

/** Reads an outline: a line with a digest, and a line of JSON. @returns undefined if it is missing or damaged */
async function readOutline(name: string, path: string): Promise<ProgramOutline | undefined> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const [digest, json = ""] = text.split("\n");
  return digest === digestOf(name, json) ? JSON.parse(json) as ProgramOutline : undefined;
}

/** Nothing is flushed: the digest shows what a crash lost. */
async function writeOutline(name: string, path: string, outline: ProgramOutline): Promise<void> {
  const json = JSON.stringify(outline);
  const beside = `${path}.${crypto.randomUUID()}.part`;
  await Deno.writeTextFile(beside, `${digestOf(name, json)}\n${json}`);
  await Deno.rename(beside, path);
}

/** Waits for the lock of a file. A process that ends releases its locks. Without a lock, two processes do the same work. */
async function lockIfPossible(path: string): Promise<Disposable> {
  const file = await openToLock(path);
  if (!file) return { [Symbol.dispose]() {} };
  const release = () => {
    file.close();
    try {
      Deno.removeSync(path);
    } catch {
      // Another process has removed it.
    }
  };
  const end = performance.now() + PATIENCE_MILLISECONDS;
  try {
    while (!await file.tryLock(true) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
    }
  } catch {
    // The file system has no locks.
  }
  return { [Symbol.dispose]: release };
}

async function openToLock(path: string): Promise<Deno.FsFile | undefined> {
  try {
    await Deno.mkdir(join(path, ".."), { recursive: true });
    return await Deno.open(path, { write: true, create: true });
  } catch {
    return undefined;
  }
}

const digestOf = (...texts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(texts)).digest("hex");
