/** One process with a batch against several with parts of it, whose graphs are cut at their sums. */
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { selectEngine } from "../../engine/select.ts";
import { assertClose } from "../support/assert_close.ts";
import { distributedCases } from "../support/distributed_cases.ts";
import { type RunOptions, type RunResult, runSteps } from "../support/training_run.ts";
import { virtualProcesses } from "../support/virtual_processes.ts";

const alone = async (options: RunOptions) =>
  await runSteps((await selectEngine("onnxruntime", { threads: 1 })).engine, options);

const together = (count: number, options: RunOptions): Promise<RunResult[]> =>
  Promise.all(
    virtualProcesses(count).map(async (processes, index) => {
      const engine = await compiledEngine({ threads: 1, processes });
      return await runSteps(engine, { ...options, part: { index, count } });
    }),
  );

for (const [what, { count, options }] of Object.entries(distributedCases)) {
  Deno.test(`${what} with cut graphs train the network that one process trains`, async () => {
    const whole = await alone(options);
    const parts = await together(count, options);
    assertClose(parts[0]!.losses, whole.losses, 2e-6 * options.steps, "loss");
    for (const [name, { data }] of Object.entries(whole.state)) {
      assertClose(parts[0]!.state[name]!.data, data, 1e-5 * options.steps, name);
    }
    for (const part of parts) assert.deepEqual(part, parts[0], "all processes have the same state");
  });
}
