/** The thread of a process of `threaded_processes.ts`: trains its part of a run, and waits in sums for the other threads. */
/// <reference lib="deno.worker" />
import type { SumOverProcesses } from "../../engine/engine.ts";
import { compiledEngine } from "../../engine/compiled.ts";
import { distributedCases } from "./distributed_cases.ts";
import { runSteps } from "./training_run.ts";

export interface Assignment {
  readonly name: string;
  readonly index: number;
  /** Memory that the threads share: a count of arrivals, then room for the numbers of each. */
  readonly shared: SharedArrayBuffer;
}

/** The most numbers that one sum has. */
export const ROOM = 100_000;

self.addEventListener("message", async ({ data: { name, index, shared } }: MessageEvent<Assignment>) => {
  const { count, options } = distributedCases[name]!;
  let sums = 0;
  const sum = sumOver(shared, index, count);
  const processes: SumOverProcesses = {
    sum: () => Promise.reject(new Error("the sums are inside the graph")),
    sumNow(values) {
      sums++;
      sum(values);
    },
  };
  await using engine = await compiledEngine({ threads: 1, processes });
  const result = await runSteps(engine, { ...options, part: { index, count } });
  self.postMessage({ ...result, sums });
});

/** Sums by shared memory, in the order of the threads. */
function sumOver(shared: SharedArrayBuffer, index: number, count: number) {
  const arrived = new Int32Array(shared, 0, 1);
  const roomOf = (at: number) => new Float32Array(shared, 4 + 4 * ROOM * at, ROOM);
  let meetings = 0;
  const meet = () => {
    meetings++;
    Atomics.add(arrived, 0, 1);
    Atomics.notify(arrived, 0);
    for (;;) {
      const now = Atomics.load(arrived, 0);
      if (now >= meetings * count) return;
      Atomics.wait(arrived, 0, now);
    }
  };
  return (values: Float32Array) => {
    roomOf(index).set(values);
    meet();
    values.fill(0);
    for (let at = 0; at < count; at++) {
      const room = roomOf(at);
      for (let i = 0; i < values.length; i++) values[i]! += room[i]!;
    }
    meet();
  };
}
