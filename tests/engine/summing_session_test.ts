/** One process with a batch against several with parts of it, whose graphs sum inside. */
import assert from "#assert";
import { onnxruntimeApi } from "../../engine/onnxruntime_api.ts";
import { selectEngine } from "../../engine/select.ts";
import { SummingSession } from "../../engine/summing_session.ts";
import { assertClose } from "../support/assert_close.ts";
import { distributedCases } from "../support/distributed_cases.ts";
import { trainInThreads } from "../support/threaded_processes.ts";
import { runSteps } from "../support/training_run.ts";

for (const name of ["2 processes", "3 processes, factors of the whole batch"]) {
  Deno.test(`${name} that sum inside their graphs train the network that one process trains`, async () => {
    const { options } = distributedCases[name]!;
    const whole = await runSteps((await selectEngine("onnxruntime", { threads: 1 })).engine, options);
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

/** Counts the calls of some methods of an object while a function runs. */
function callsOf(object: object, names: readonly string[], run: () => void): Record<string, number> {
  const methods = object as Record<string, (...values: unknown[]) => unknown>;
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  const originals = names.map((name) => [name, methods[name]!] as const);
  for (const [name, original] of originals) {
    methods[name] = function (...values) {
      counts[name]!++;
      return original.apply(this, values);
    };
  }
  try {
    run();
  } finally {
    Object.assign(methods, Object.fromEntries(originals));
  }
  return counts;
}

Deno.test("a session whose model onnxruntime refuses holds nothing", () => {
  const options = { threads: 1, sumNow: () => {}, isOptimised: true };
  const refused = () =>
    assert.throws(() => SummingSession.open(Uint8Array.of(1, 2, 3), [], {}, options), /createSessionFromArray/);
  let closed: Record<string, number> = {};
  const released = callsOf(onnxruntimeApi(), ["releaseSessionOptions", "releaseCustomOpDomain"], () => {
    closed = callsOf(Deno.UnsafeCallback.prototype, ["close"], refused);
  });
  assert.deepEqual(released, { releaseSessionOptions: 1, releaseCustomOpDomain: 1 });
  // The callbacks of the operator: those of its table, each closed once.
  assert.equal(closed["close"], 10);
});
