/**
 * The progress of a run, and a fingerprint that changes with its files.
 *
 * @module
 */
import { durationText, percentText, rateText } from "../cli/quantity.ts";
import { type RunData, stepsDone } from "./read_run.ts";

export interface LiveState {
  /** Share of the steps that are done; null if it is unknown. */
  readonly done: number | null;
  readonly words: string;
}

/** Reports silence after this many seconds. */
const SILENCE_SECONDS = 60;

/**
 * Describes the progress of a run.
 *
 * @param written time of the last line of metrics, in milliseconds since 1970
 * @param now the time, in milliseconds since 1970
 */
export function liveState(run: RunData, written: number, now: number): LiveState {
  const { steps, epochs, sessions, configuration } = run;
  const validation = epochs.at(-1)?.validationAccuracy;
  const session = sessions.at(-1), step = stepsDone(run);
  if (!session) return { done: null, words: step > 0 ? `step ${step}` : "nothing was trained yet" };
  const { begin, end } = session;
  const trained = step - begin.step, seconds = (written - Date.parse(begin.time)) / 1000;
  const goesOn = end === undefined && trained > 0 && seconds > 0;
  const silence = (now - written) / 1000;
  const ended = step >= begin.steps ? "done" : "stopped";
  const words = [
    end ? ended : "training",
    `step ${step} of ${begin.steps}`,
    `epoch ${epochs.length} of ${configuration.epochs}`,
    steps.length > 0 && `loss ${steps.at(-1)!.loss.toFixed(4)}`,
    validation !== undefined && `validation ${percentText(validation)}`,
    goesOn && `${rateText(trained * begin.batch / seconds)} images/s`,
    goesOn && `${durationText((begin.steps - step) * seconds / trained)} left`,
    !end && silence > SILENCE_SECONDS && `no news for ${durationText(silence)}`,
  ];
  return { done: step / begin.steps, words: words.filter((word) => word !== false).join(" · ") };
}

/** Returns the sizes and times of files as a text, which changes when a file is written. */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const states = paths.map(async (path) => {
    const { size, mtime } = await Deno.stat(path).catch(() => ({ size: -1, mtime: null }));
    return `${size}@${mtime?.getTime()}`;
  });
  return (await Promise.all(states)).join();
}
