/** Training that is stopped in the middle. */
import assert from "#assert";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { trainStage } from "../../pipeline/training/train_stage.ts";
import { testContext } from "./tiny_run.ts";

/** Trains until a step was logged, then stops as a signal does. */
export async function trainUntil(step: number, configuration: Configuration, resume = false): Promise<void> {
  const abort = new AbortController();
  const { metrics } = runPaths(configuration);
  const watch = setInterval(async () => {
    const text = await Deno.readTextFile(metrics).catch(() => "");
    if (text.includes(`"step":${step},`)) abort.abort(new Error("stopped"));
  }, 1);
  try {
    await assert.rejects(trainStage(configuration, testContext({ signal: abort.signal, resume })), /^Error: stopped$/);
  } finally {
    clearInterval(watch);
  }
}
