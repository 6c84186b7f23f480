/** One process with a batch against several with parts of it, whose graphs sum inside. */
import assert from "#assert";
import { selectEngine } from "../../engine/select.ts";
import { assertClose } from "../support/assert_close.ts";
import { distributedCases } from "../support/distributed_cases.ts";
import { trainInThreads } from "../support/threaded_processes.ts";
import { runSteps } from "../support/training_run.ts";

for (const name of ["2 processes", "3 processes, factors of the whole batch"]) {
  Deno.test(`${name} that sum inside their graphs train the network that one process trains`, async () => {
    const { options } = distributedCases[name]!;
    const whole = await runSteps((await selectEngine("onnxruntime")).engine, options);
    const parts = await trainInThreads(name);
    assertClose(parts[0]!.losses, whole.losses, 2e-6 * options.steps, "loss");
    for (const [name, { data }] of Object.entries(whole.state)) {
      assertClose(parts[0]!.state[name]!.data, data, 1e-5 * options.steps, name);
    }
    for (const part of parts) assert.deepEqual(part, parts[0], "all processes have the same state");
    // Seven levels of batch norm in each direction, whose branches and skip share a sum, and the gradients.
    assert.equal(parts[0]!.sums, options.steps * (7 + 7 + 1));
  });
}
