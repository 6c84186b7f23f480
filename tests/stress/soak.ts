/**
 * Trains for many steps and looks whether anything grows: memory, tensors, open files.
 *
 *     deno task soak [steps, default 2000]
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { train } from "../../pipeline/train.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

/** What the process holds. */
interface Sample {
  readonly step: number;
  /** Of the process, in MB. */
  readonly memory: number;
  /** Of TensorFlow.js. */
  readonly tensors: number;
  readonly files: number;
}

const SAMPLES = 20;
/** In MB, from the second quarter of the run to its last. */
const MOST_GROWTH = 16;

/**
 * Trains, and samples at regular steps.
 *
 * @param parent where the folder of the run is made
 * @throws {assert.AssertionError} if the process holds more in the last quarter than in the second
 */
export async function soak(steps: number, log: (line: string) => void, parent?: string): Promise<void> {
  const samples: Sample[] = [];
  await inTemporaryFolder(async (folder) => {
    const logEvery = Math.max(1, Math.floor(steps / SAMPLES));
    const configuration = await tinyRun(folder, { epochs: Math.ceil(steps / 4), maxSteps: steps, logEvery });
    const context = testContext({
      log(line) {
        const epoch = Number(/^epoch (\d+)/.exec(line)?.[1] ?? NaN);
        if ((4 * epoch) % (4 * Math.ceil(steps / 4 / SAMPLES)) === 0) samples.push(sampleAt(4 * epoch));
      },
    });
    await train.run(configuration, context);
  }, parent);
  for (const { step, memory, tensors, files } of samples) {
    log(`step ${step}: ${memory.toFixed(1)} MB, ${tensors} tensors, ${files} open files`);
  }
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const most = (part: readonly Sample[], what: "memory" | "tensors" | "files") => Math.max(...part.map((s) => s[what]));
  const growth = most(late, "memory") - most(early, "memory");
  log(`from the second quarter to the last: ${growth.toFixed(1)} MB`);
  assert.ok(growth < MOST_GROWTH, `memory grew by ${growth} MB`);
  assert.equal(most(late, "tensors"), most(early, "tensors"));
  assert.equal(most(late, "files"), most(early, "files"));
}

const sampleAt = (step: number): Sample => ({
  step,
  memory: Deno.memoryUsage().rss / 1e6,
  tensors: tf.memory().numTensors,
  files: openFiles(),
});

/** Linux lists them; elsewhere they are not counted. */
function openFiles(): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}

if (import.meta.main) {
  const [steps = 2000] = Deno.args.map(Number);
  await soak(steps, console.log, STRESS_FOLDER);
}
