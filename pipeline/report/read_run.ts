/**
 * Reads the files of a run, as far as they exist.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import { type BranchCorrelation, correlationsIfThere } from "../run/correlation_file.ts";
import { type DataIdentity, dataIdentityIfThere } from "../run/data_identity.ts";
import { type Evaluation, evaluationIfThere } from "../run/evaluation_file.ts";
import { type Explanations, explanationsIfThere } from "../run/explanations_file.ts";
import { type Mistakes, mistakesIfThere } from "../run/mistakes_file.ts";
import { readMetrics, type RunMetrics } from "../run/metrics_log.ts";
import { parityIfThere, type ParityReport } from "../run/parity_file.ts";
import { runPaths } from "../run/paths.ts";
import { readRunConfiguration } from "../run/run_configuration.ts";
import { readSessions, type Session } from "../run/session_log.ts";

export interface RunData extends RunMetrics {
  readonly name: string;
  readonly configuration: Configuration;
  /** The data that the run is trained on; runs of older versions have not recorded it. */
  readonly data: DataIdentity | undefined;
  readonly sessions: readonly Session[];
  readonly evaluation: Evaluation | undefined;
  /** Grad-CAM maps of mistakes; older versions have not written them. */
  readonly explanations?: Explanations | undefined;
  /** Every mistake of the evaluation, with names; older versions have not listed them. */
  readonly mistakes: Mistakes | undefined;
  readonly parity: ParityReport | undefined;
  readonly correlations: readonly BranchCorrelation[] | undefined;
}

/** The files that {@linkcode readRun} reads of a run. */
export function runFiles(run: Pick<Configuration, "runs" | "run">): string[] {
  const { configuration, data, metrics, sessions, evaluation, ...others } = runPaths(run);
  const { mistakes, explanations, parity, branchCorrelation } = others;
  return [configuration, data, metrics, sessions, evaluation, mistakes, explanations, parity, branchCorrelation];
}

/**
 * @param cache the folder of data sets; it replaces the folder that the run was trained with
 * @throws {InputError} if there is no such run, or a file of it is damaged
 */
export async function readRun(
  { cache, ...place }: Pick<Configuration, "runs" | "run" | "cache">,
): Promise<RunData> {
  const paths = runPaths(place);
  return {
    name: paths.run,
    configuration: { ...await readRunConfiguration(paths), cache },
    data: await dataIdentityIfThere(paths),
    ...await readMetrics(paths.metrics),
    sessions: await readSessions(paths.sessions),
    evaluation: await evaluationIfThere(paths),
    explanations: await explanationsIfThere(paths),
    mistakes: await mistakesIfThere(paths),
    parity: await parityIfThere(paths),
    correlations: await correlationsIfThere(paths),
  };
}

/** Steps that a run has done, as far as its logs tell. */
export const stepsDone = ({ steps, epochs, sessions }: Pick<RunData, "steps" | "epochs" | "sessions">): number =>
  Math.max(
    0,
    ...[steps.at(-1), epochs.at(-1), sessions.at(-1)?.begin, sessions.at(-1)?.end].map((logged) => logged?.step ?? 0),
  );
