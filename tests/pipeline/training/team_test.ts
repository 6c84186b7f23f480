import assert from "#assert";
import { gatherTexts, type ProcessGroup } from "../../../engine/distributed/process_group.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { StoppedError } from "../../../pipeline/cli/stop_signals.ts";
import { ifDecided, inAll, sameInAll, type Team, TeamError, teamOf } from "../../../pipeline/training/team.ts";
import { virtualProcesses } from "../../support/virtual_processes.ts";

const never = new AbortController().signal;
const together = <T>(count: number, run: (team: Team) => Promise<T>, signals: AbortSignal[] = []) =>
  Promise.allSettled(
    virtualProcesses(count).map((group: ProcessGroup) => run(teamOf(group, signals[group.rank] ?? never))),
  );
const messagesOf = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => result.status === "rejected" ? (result.reason as Error).message : result.value);

Deno.test("texts of all processes, by rank, in each of them", async () => {
  const results = await together(3, (team) => gatherTexts(team, "é".repeat(team.rank)));
  assert.deepEqual(messagesOf(results), Array(3).fill(["", "é", "éé"]));
});

Deno.test("an error of one process is an error of all, with its rank and exit code", async () => {
  const results = await together(3, (team) =>
    inAll(team, () => {
      if (team.rank === 2) throw new InputError("a.bin is cut off");
      return Promise.resolve(1);
    }).catch((error) => error instanceof TeamError ? [error.message, error.exitCode] : error));
  assert.deepEqual(messagesOf(results), Array(3).fill(["rank 2: a.bin is cut off", 1]));
});

Deno.test("processes that differ are refused, with what differs", async () => {
  const results = await together(2, (team) => sameInAll(team, { data: "same", batch: team.rank === 1 ? 64 : 128 }));
  assert.match(
    String(messagesOf(results)[0]),
    /^rank 1 has batch 64, rank 0 has 128: start all processes with the same/,
  );
  assert.deepEqual(messagesOf(results)[0], messagesOf(results)[1]);
});

Deno.test("all begin if rank 0 decides so, none if it does not or cannot", async () => {
  const worked: number[] = [];
  const run = (decide: (begin: () => Promise<void>) => Promise<string>) =>
    together(2, (team) =>
      ifDecided(team, decide, () => {
        worked.push(team.rank);
        return Promise.resolve();
      }));
  assert.deepEqual(messagesOf(await run(() => Promise.resolve("up to date"))), ["up to date", undefined]);
  assert.deepEqual(worked, []);
  await run(async (begin) => {
    await begin();
    return "done";
  });
  assert.deepEqual(worked.toSorted(), [0, 1]);
  const refused = await run(() => Promise.reject(new InputError("there is a run")));
  assert.equal(messagesOf(refused)[0], "there is a run");
  assert.ok(refused.every((result) => result.status === "rejected" && result.reason instanceof TeamError));
});

Deno.test("told by SIGUSR1, one process stops all after the same step", async () => {
  const results = await together(
    3,
    async (team) => {
      await team.stopIfTold();
    },
    [never, AbortSignal.abort(new StoppedError("SIGUSR1"))],
  );
  assert.deepEqual(messagesOf(results), Array(3).fill("stopped by SIGUSR1"));
});

Deno.test("SIGTERM ends the waiting for others that do not come", async () => {
  const stop = new AbortController();
  const team = teamOf(virtualProcesses(2)[0]!, stop.signal);
  const waiting = team.sum(new Float32Array(1));
  stop.abort(new StoppedError("SIGTERM"));
  await assert.rejects(waiting, /stopped by SIGTERM/);
  await assert.rejects(team.sum(new Float32Array(1)), /stopped by SIGTERM/);
});

Deno.test("SIGTERM ends a sum that blocks the main thread, before its abort signal can", () => {
  const [group] = virtualProcesses(2) as [ProcessGroup];
  const blocking = { ...group, sumNow: (_: unknown, interrupt?: () => void) => interrupt!() };
  let signal: "SIGTERM" | "SIGUSR1" | undefined;
  const team = teamOf(blocking, never, () => signal);
  team.sumNow(new Float32Array(1));
  signal = "SIGUSR1";
  team.sumNow(new Float32Array(1));
  signal = "SIGTERM";
  assert.throws(() => team.sumNow(new Float32Array(1)), /stopped by SIGTERM/);
  assert.ok(team.signal.aborted);
});
