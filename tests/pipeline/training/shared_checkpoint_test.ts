import assert from "#assert";
import { initialise } from "../../../model/initialise.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { initialState } from "../../../model/training_step.ts";
import { firstPosition } from "../../../pipeline/training/position.ts";
import { sharedCheckpoint } from "../../../pipeline/training/shared_checkpoint.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { virtualProcesses } from "../../support/virtual_processes.ts";

Deno.test("rank 0's checkpoint is in all processes, to the bit", async () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 4 });
  const checkpoint = {
    position: { ...firstPosition({ batch: 4 }), step: 3, epochLoss: 1.5, epochAccuracy: 0.5 },
    state: initialState(net, initialise(net.variables, uniformNumbers)),
  };
  const never = new AbortController().signal;
  const received = await Promise.all(
    virtualProcesses(2).map((group) =>
      sharedCheckpoint(teamOf(group, never), group.rank === 0 ? checkpoint : undefined)
    ),
  );
  assert.deepEqual(received, [checkpoint, checkpoint]);
});
