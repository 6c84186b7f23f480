/** How far a run has come, as other processes see it. */
import { readPosition } from "../../pipeline/run/checkpoint.ts";
import { readMetrics } from "../../pipeline/run/metrics_log.ts";

interface RunFiles {
  readonly metrics: string;
  readonly last: string;
}

/** Returns the steps of the last checkpoint, 0 without one. */
export const savedSteps = ({ last }: Pick<RunFiles, "last">): Promise<number> =>
  readPosition(last, "").then(({ step }) => step, () => 0);

/**
 * Tells if a process has logged a step of a run since a time, and not yet saved it. The lines that an earlier process left
 * after its checkpoint do not count: they go when the run resumes.
 *
 * @param began milliseconds, as of `Date.now`
 */
export async function hasStepped(files: RunFiles, began: number): Promise<boolean> {
  const changed = await Deno.stat(files.metrics).then(({ mtime }) => Number(mtime), () => 0);
  if (changed <= began) return false;
  const { steps } = await readMetrics(files.metrics);
  return (steps.at(-1)?.step ?? 0) > await savedSteps(files);
}
