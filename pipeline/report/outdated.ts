/**
 * Tells an evaluation and an export of the run as it is now from those of a checkpoint that the run has replaced since.
 *
 * @module
 */
import { isThere } from "../../data/files/files.ts";
import type { RunPaths } from "../run/paths.ts";
import { checkpointPath } from "../run/run_configuration.ts";
import { isChangedInput, sha256 } from "../run/stage_record.ts";
import type { RunData } from "./read_run.ts";

/** Leaves out the evaluation and the export of a checkpoint that the run has replaced since, and says so in `notes`. */
export async function withoutOutdated(
  data: RunData,
  paths: RunPaths,
): Promise<{ data: RunData; notes: readonly string[] }> {
  const { evaluation, parity } = data;
  const current = await currentEvaluation(data, paths), isOld = current !== evaluation;
  const isExportOld = parity !== undefined &&
    await isReplaced(paths, parity.checkpoint, (file) => isChangedInput(paths.exportRecord, file));
  const note = (what: string, task: string) =>
    `Without the ${what}: it is of an earlier checkpoint of the run ${paths.run}; run \`deno task ${task} ${paths.flags}\`.`;
  return {
    data: { ...data, evaluation: current, parity: isExportOld ? undefined : parity },
    notes: [...(isOld ? [note("evaluation", "evaluate")] : []), ...(isExportOld ? [note("export", "export")] : [])],
  };
}

/** The evaluation of a run; undefined without one, and where it is of a checkpoint that the run has replaced since. */
export async function currentEvaluation(
  { evaluation }: Pick<RunData, "evaluation">,
  paths: RunPaths,
): Promise<RunData["evaluation"]> {
  if (!evaluation) return undefined;
  const isOther = async (file: string) => await sha256(file) !== evaluation.checkpointDigest;
  return await isReplaced(paths, evaluation.checkpoint, isOther) ? undefined : evaluation;
}

/**
 * Tells if a checkpoint is another one now. A run that began again has no best checkpoint at first, or none at all with
 * `--validation none`; a run without any checkpoint may have been tidied up, and keeps its measures.
 *
 * @param checkpoint the value of `--checkpoint`
 */
async function isReplaced(
  paths: RunPaths,
  checkpoint: string,
  isOther: (file: string) => Promise<boolean>,
): Promise<boolean> {
  const file = checkpointPath(paths, checkpoint);
  return await isThere(file) ? await isOther(file) : await isThere(paths.last);
}
