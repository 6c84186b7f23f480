/** Processes that train together, all in this one: each waits in a sum for the others. */
import type { SumOverProcesses } from "../../engine/engine.ts";

export function virtualProcesses(count: number): SumOverProcesses[] {
  let waiting: { values: Float32Array; done: () => void }[] = [];
  const sum = (values: Float32Array<ArrayBuffer>) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ values, done: resolve });
      if (waiting.length < count) return;
      const all = waiting;
      waiting = [];
      if (all.some(({ values: { length } }) => length !== values.length)) return reject(new Error("unequal sums"));
      const total = values.map((_, at) => all.reduce((sum, { values }) => sum + values[at]!, 0));
      for (const { values, done } of all) {
        values.set(total);
        done();
      }
    });
  const sumNow = () => {
    throw new Error("a process cannot wait here for another one");
  };
  return Array.from({ length: count }, () => ({ sum, sumNow }));
}
