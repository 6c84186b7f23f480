/** Training that is stopped in the middle. */
import assert from "#assert";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { trainStage } from "../../pipeline/training/train_stage.ts";
import { testContext } from "./tiny_run.ts";

/** Trains until a step was logged, and is stopped, as a signal does it, where training looks for one next. */
export async function trainUntil(step: number, configuration: Configuration, resume = false): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  const { metrics } = runPaths(configuration);
  signal.throwIfAborted = () => {
    if (isLogged(step, metrics)) abort.abort(new Error("stopped"));
    if (signal.aborted) throw signal.reason;
  };
  await assert.rejects(trainStage(configuration, testContext({ signal, resume })), /^Error: stopped$/);
}

/** Tells if the file of metrics has a step; a file that is not there yet has none. */
function isLogged(step: number, metrics: string): boolean {
  try {
    return Deno.readTextFileSync(metrics).includes(`"step":${step},`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
