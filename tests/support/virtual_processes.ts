/** A group of processes that are all in this one: each waits in a call for the others. */
import type { ProcessGroup } from "../../engine/distributed/process_group.ts";

export function virtualProcesses(size: number): ProcessGroup[] {
  let waiting: { rank: number; values: ArrayLike<number>; done: () => void }[] = [];
  /** Waits for all, then lets `join` make the result of what they gave, by rank. */
  const together = <T extends ArrayLike<number>>(rank: number, values: T, join: (all: T[]) => void) =>
    new Promise<void>((resolve) => {
      waiting.push({ rank, values, done: resolve });
      if (waiting.length < size) return;
      const all = waiting.toSorted((a, b) => a.rank - b.rank);
      waiting = [];
      join(all.map(({ values }) => values as unknown as T));
      for (const { done } of all) done();
    });
  return Array.from({ length: size }, (_, rank): ProcessGroup => ({
    ...{ rank, size, localRank: rank, localSize: size, cutAtSums: true },
    sum: (values) =>
      together(rank, values, (all) => {
        const total = values.map((_, at) => all.reduce((sum, each) => sum + each[at]!, 0));
        for (const each of all) each.set(total);
      }),
    sumNow() {
      throw new Error("a process cannot wait here for another one");
    },
    broadcast: (bytes, root) =>
      together(rank, bytes, (all) => {
        for (const each of all) each.set(all[root]!);
      }),
    started() {},
    finish: () => Promise.resolve(),
  }));
}
