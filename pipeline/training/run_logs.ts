/**
 * The logs of a run: its metrics, TensorBoard's events and its sessions.
 *
 * @module
 */
import { makeCheckpointFolder, type Position } from "../run/checkpoint.ts";
import { type Metrics, MetricsLog, unlogged } from "../run/metrics_log.ts";
import { runPaths } from "../run/paths.ts";
import { SessionLog } from "../run/session_log.ts";
import { TensorBoardLog } from "../tensorboard/tensorboard_log.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import type { TrainingSetup } from "./training_setup.ts";

/** Disposing of it ends the session. */
export interface RunLogs extends AsyncDisposable {
  readonly metrics: Metrics;
  /** Notes how many steps are done, for the end of the session. */
  reached(step: number): void;
  /** Notes the seconds from the start to the end of the session's first step. */
  firstStep(seconds: number): void;
}

/** The logs of processes other than rank 0, which write nothing. */
const silent: RunLogs = {
  metrics: unlogged,
  reached() {},
  firstStep() {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Opens the logs of a run that goes on from a position; lines of later steps are dropped.
 *
 * @param steps steps after which the run is done
 * @param log receives warnings about damaged or removed files
 */
export async function openRunLogs(
  configuration: TrainingConfiguration,
  { engine, stepsPerEpoch, team }: TrainingSetup,
  position: Position,
  steps: number,
  log: (line: string) => void,
): Promise<RunLogs> {
  if (team.rank > 0) return silent;
  const { batch, tensorboard } = configuration;
  const { step } = position;
  const paths = runPaths(configuration);
  await makeCheckpointFolder(paths);
  const metrics = await MetricsLog.open(paths.metrics, position, log);
  if (tensorboard) metrics.copyTo(await TensorBoardLog.begin(paths.tensorboard, configuration, step));
  const session = await SessionLog.begin(paths.sessions, {
    ...{ engine: engine.description, step, steps, stepsPerEpoch, batch },
  });
  return {
    metrics,
    reached: (step) => session.reached(step),
    firstStep: (seconds) => session.firstStep(seconds),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
