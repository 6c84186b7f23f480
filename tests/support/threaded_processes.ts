/** Processes that are threads of this one: each waits in its sums, which a process on the main thread cannot do. */
import { distributedCases } from "./distributed_cases.ts";
import { type Assignment, ROOM } from "./threaded_process.ts";
import type { RunResult } from "./training_run.ts";

/** Trains a case with its count of processes, each summing inside its graph; returns what each has, and its sums. */
export async function trainInThreads(name: string): Promise<(RunResult & { readonly sums: number })[]> {
  const { count } = distributedCases[name]!;
  const shared = new SharedArrayBuffer(4 + 4 * ROOM * count);
  const url = new URL("./threaded_process.ts", import.meta.url);
  const workers = Array.from({ length: count }, () => new Worker(url, { type: "module" }));
  try {
    return await Promise.all(
      workers.map((worker, index) =>
        new Promise<RunResult & { readonly sums: number }>((resolve, reject) => {
          worker.addEventListener("message", ({ data }) => resolve(data));
          worker.addEventListener("error", (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          });
          worker.postMessage({ name, index, shared } satisfies Assignment);
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}
