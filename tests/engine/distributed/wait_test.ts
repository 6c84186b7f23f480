import assert from "#assert";
import { SilentProcessError } from "../../../engine/distributed/process_group.ts";
import { RollCall } from "../../../engine/distributed/roll_call.ts";
import { limitOf, polled, wait, waitNow } from "../../../engine/distributed/wait.ts";

const LIMIT = 10_000, limitName = "--rank-timeout";

/** A clock that each look at it moves on by a tenth of a millisecond, and a roll call of two that `answers` decides about. */
function surroundings(answers: (time: number) => boolean) {
  let time = 0, called: number | undefined;
  const rollCall = new RollCall(
    {
      send: (_, kind, round) => kind === "call" && (called = round),
      receive(kind) {
        if (kind === "call" || called === undefined || !answers(time)) return undefined;
        const round = called;
        called = undefined;
        return { rank: 1, round };
      },
    },
    0,
    2,
  );
  const now = () => time += 0.1;
  return { options: { rollCall, limit: LIMIT, limitName, now }, sleep: (ms: number) => time += ms, time: () => time };
}

/** Waits on a clock for `until`, and returns the time. */
function waited(until: number, answers: (time: number) => boolean, asleepAt?: number): number {
  const { options, sleep, time } = surroundings(answers);
  let slept = false;
  for (const pause of polled(() => time() >= until, options)) {
    sleep(pause);
    if (asleepAt === undefined || slept || time() < asleepAt) continue;
    slept = true;
    sleep(100 * LIMIT);
  }
  return time();
}

const silentOf = (run: () => unknown): SilentProcessError => {
  try {
    run();
  } catch (error) {
    if (error instanceof SilentProcessError) return error;
  }
  throw new Error("no process was silent");
};

Deno.test("a silent process is named, and the lowest other rank reports it", () => {
  const error = silentOf(() => waited(Infinity, () => false));
  assert.deepEqual(error.silent, [1]);
  assert.equal(error.reporter, 0);
  assert.match(error.message, /^rank 1 has not answered within 10 s \(--rank-timeout\): /);
  assert.equal(new SilentProcessError([0, 1, 3], { size: 4 }, 1, limitName).reporter, 2);
});

Deno.test("a process is found silent within the limit", () => {
  const { options, sleep, time } = surroundings(() => false);
  silentOf(() => [...polled(() => false, options)].forEach(sleep));
  assert.ok(time() > 0.9 * LIMIT && time() < 1.1 * LIMIT, `${time()} ms`);
});

Deno.test("before the first step a process has five minutes at least, and the error says which limit it was", () => {
  assert.deepEqual(limitOf(10, true), { limit: 300_000, limitName: "the limit before the first step" });
  assert.deepEqual(limitOf(10, false), { limit: 10_000, limitName });
  for (const isStarting of [true, false]) assert.deepEqual(limitOf(400, isStarting), { limit: 400_000, limitName });
  const { options, sleep } = surroundings(() => false);
  const error = silentOf(() => [...polled(() => false, { ...options, ...limitOf(10, true) })].forEach(sleep));
  assert.match(error.message, /^rank 1 has not answered within 300 s \(the limit before the first step\): /);
});

Deno.test("a process that answers while it works is waited for", () => {
  assert.ok(waited(5 * LIMIT, () => true) >= 5 * LIMIT);
});

Deno.test("a process that answered before it hung is found within the limit after", () => {
  const hung = 2.3 * LIMIT;
  const { options, sleep, time } = surroundings((time) => time < hung);
  silentOf(() => {
    for (const pause of polled(() => false, options)) sleep(pause);
  });
  assert.ok(time() < hung + 1.1 * LIMIT, `${time()} ms`);
});

Deno.test("a process that was itself stopped for long blames nobody", () => {
  assert.ok(waited(200 * LIMIT, () => true, 0.7 * LIMIT) >= 200 * LIMIT);
});

Deno.test("waiting lets other work of the process go on, unless it must return first", async () => {
  let done = false;
  const { options } = surroundings(() => true);
  const waiting = wait(() => done, { ...options, now: () => performance.now() });
  setTimeout(() => done = true, 20);
  await waiting;
  const began = performance.now();
  waitNow(() => performance.now() > began + 20, { ...options, now: () => performance.now() });
  assert.ok(performance.now() >= began + 20);
});
