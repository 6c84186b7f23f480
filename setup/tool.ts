/**
 * Runs programs of the system.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine/engine.ts";

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
  /** The last line that it wrote, for an error to show. */
  readonly last: string;
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
      ...(cwd !== undefined && { cwd }),
      ...(env && { env: { ...env } }),
      ...(signal && { signal }),
    }).output();
    signal?.throwIfAborted();
    const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    const last = (errors || output)!.split("\n").findLast((line) => line.trim() !== "") ?? "it said nothing";
    return { success, output: output!, last: last.trim() };
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
  if (!result) throw new EngineUnavailableError(`${what} needs ${program}, which is not there; ${remedy}`);
  if (!result.success) throw new EngineUnavailableError(`${what}: ${program} failed (${result.last}); ${remedy}`);
  return result;
}
