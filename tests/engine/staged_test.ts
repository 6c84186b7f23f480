/** One process with a batch against several with parts of it. */
import assert from "#assert";
import { selectEngine } from "../../engine/select.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { assertClose } from "../support/assert_close.ts";
import { type RunOptions, type RunResult, runSteps } from "../support/training_run.ts";
import { virtualProcesses } from "../support/virtual_processes.ts";

const small = { depth: 8, width: 2, branches: 2, classes: 4 };
const base = { net: shakeNet(small), steps: 10, batch: 12, side: 8, shake: "shake-shake-image" } satisfies RunOptions;

const alone = async (options: RunOptions) => await runSteps((await selectEngine("onnxruntime")).engine, options);

const together = (count: number, options: RunOptions): Promise<RunResult[]> =>
  Promise.all(
    virtualProcesses(count).map(async (processes, index) => {
      const { engine } = await selectEngine("onnxruntime", { threads: 1, processes });
      return await runSteps(engine, { ...options, part: { index, count } });
    }),
  );

const runs: Record<string, { count: number; options: RunOptions }> = {
  "2 processes": { count: 2, options: base },
  "3 processes, factors of the whole batch": { count: 3, options: { ...base, shake: "shake-shake-batch" } },
  "4 processes, three branches": { count: 4, options: { ...base, net: shakeNet({ ...small, branches: 3 }) } },
  "2 processes, grouped convolutions": {
    count: 2,
    options: { ...base, steps: 4, net: shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 4 }) },
  },
};

for (const [what, { count, options }] of Object.entries(runs)) {
  Deno.test(`${what} train the network that one process trains`, async () => {
    const whole = await alone(options);
    const parts = await together(count, options);
    assertClose(parts[0]!.losses, whole.losses, 2e-6 * options.steps, "loss");
    for (const [name, { data }] of Object.entries(whole.state)) {
      assertClose(parts[0]!.state[name]!.data, data, 1e-5 * options.steps, name);
    }
    for (const part of parts) assert.deepEqual(part, parts[0], "all processes have the same state");
  });
}
