/**
 * Trains for many steps and measures the growth of memory, tensors and open files.
 *
 *     deno task soak [steps, default 2000]
 */
import assert from "#assert";
import * as tf from "@tensorflow/tfjs";
import { train } from "../../pipeline/commands/train.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

/** Resources of the process at a step. */
interface Sample {
  readonly step: number;
  /** Memory of the process in MB. */
  readonly memory: number;
  /** Number of tensors of TensorFlow.js. */
  readonly tensors: number;
  readonly files: number;
}

/** 45 images in batches of 10. */
const STEPS_PER_EPOCH = 4;
const SAMPLES = 20;
/** Greatest growth in MB, from the second quarter of the run to its last. */
const MOST_GROWTH = 16;

/**
 * Trains, and samples at regular steps.
 *
 * @param parent where the folder of the run is made
 */
export async function soak(steps: number, parent?: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  const between = Math.ceil(steps / STEPS_PER_EPOCH / SAMPLES);
  await inTemporaryFolder(async (folder) => {
    const epochs = Math.ceil(steps / STEPS_PER_EPOCH);
    const configuration = await tinyRun(folder, { epochs, maxSteps: steps });
    const context = testContext({
      log(line) {
        const epoch = Number(/^epoch (\d+)/.exec(line)?.[1] ?? NaN);
        if (epoch % between === 0) samples.push(sampleAt(STEPS_PER_EPOCH * epoch));
      },
    });
    await train.run(configuration, context);
  }, parent);
  return samples;
}

/** Returns the growth of resources from the second quarter of a run to its last. */
export function growthOf(samples: readonly Sample[]): Omit<Sample, "step"> {
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const growth = (what: keyof Sample) => {
    const most = (part: readonly Sample[]) => Math.max(...part.map((sample) => sample[what]));
    return most(late) - most(early);
  };
  return { memory: growth("memory"), tensors: growth("tensors"), files: growth("files") };
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
  const samples = await soak(steps, STRESS_FOLDER);
  for (const { step, memory, tensors, files } of samples) {
    console.log(`step ${step}: ${memory.toFixed(1)} MB, ${tensors} tensors, ${files} open files`);
  }
  const { memory, ...counts } = growthOf(samples);
  console.log(`from the second quarter to the last: ${memory.toFixed(1)} MB`);
  assert.ok(memory < MOST_GROWTH, `memory grew by ${memory} MB`);
  assert.deepEqual(counts, { tensors: 0, files: 0 });
}
