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

/** The result of a program. */
export interface ToolResult {
  readonly success: boolean;
  /** Text on standard output. */
  readonly output: string;
  /** The first line that names an error, or else the last line. */
  readonly message: string;
}

/**
 * Runs a program to its end.
 *
 * @returns undefined if the program does not exist
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
 * Does the same as {@linkcode runTool} for a program that must exist and succeed.
 *
 * @param what the purpose of the program, for the error
 * @param remedy advice for the error
 * @throws {EngineUnavailableError} if the program is missing or fails
 */
export async function requireTool(
  [program, ...args]: readonly [string, ...string[]],
  what: string,
  remedy: string,
  options: ToolOptions = {},
): Promise<ToolResult> {
  const result = await runTool(program, args, options);
  const name = basename(program);
  if (!result) throw new EngineUnavailableError(`${what} needs ${name}, which is not installed; ${remedy}`);
  if (!result.success) throw new EngineUnavailableError(`${what}: ${name} failed (${result.message}); ${remedy}`);
  return result;
}
