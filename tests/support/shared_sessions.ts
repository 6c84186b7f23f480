/** The optimised graphs of all tests: the same tiny networks are trained in many of them. */
import { repository } from "./markdown.ts";

const sessions = `${repository}.cache/tests/sessions`;

/**
 * Opens the sessions of a cache from the optimised graphs of all tests, and keeps new ones there. Tests stay independent: the
 * name of an entry is a digest of everything that it is made from.
 */
export function shareSessions(cache: string): void {
  for (const folder of [sessions, cache]) Deno.mkdirSync(folder, { recursive: true });
  try {
    Deno.symlinkSync(sessions, `${cache}/sessions`);
  } catch (error) {
    // A test may resolve several configurations for one folder.
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
