/**
 * Runs programs of the system.
 *
 * @module
 */
import { basename } from "node:path";
import { EngineUnavailableError } from "../engine.ts";

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a program left behind. */
export interface ToolResult {
  readonly success: boolean;
  /** What it wrote to standard output. */
  readonly output: string;
  /** Its line that names an error, or else the last one. */
  readonly message: string;
}

/**
 * Runs a program to its end.
 *
 * @returns undefined if there is no such program
 * @throws the signal's reason, if it is aborted
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { cwd, env, signal }: ToolOptions = {},
): Promise<ToolResult | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      env: { NO_COLOR: "1", ...env },
      ...(cwd !== undefined && { cwd }),
      ...(signal && { signal }),
    }).output();
    signal?.throwIfAborted();
    const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    const lines = (errors || output)!.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    const message = lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? "it said nothing";
    return { success, output: output!, message };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * As {@linkcode runTool}, for a program that must be there and succeed.
 *
 * @param what what it is run for
 * @param remedy what to do if it is missing
 * @throws {EngineUnavailableError} if it is missing or fails
 */
export async function requireTool(
  [program, ...args]: readonly [string, ...string[]],
  what: string,
  remedy: string,
  options: ToolOptions = {},
): Promise<ToolResult> {
  const result = await runTool(program, args, options);
  const name = basename(program);
  if (!result) throw new EngineUnavailableError(`${what} needs ${name}, which is not there; ${remedy}`);
  if (!result.success) throw new EngineUnavailableError(`${what}: ${name} failed (${result.message}); ${remedy}`);
  return result;
}
