/**
 * The signals that stop a command.
 *
 * A thread of its own listens to them, because a training step can block the main thread for seconds. The first signal
 * reaches the main thread when it is free, so that it can save. Then the thread stops listening, so that a second signal
 * ends the process at once.
 *
 * @module
 */
import type { StopSignal } from "./signal_worker.ts";

/** Exit codes by signal: 128 plus the signal's number. */
export const exitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGUSR1: 138 };

/** A signal stopped a command. */
export class StoppedError extends Error {
  override name = "StoppedError";
  readonly exitCode: number;

  constructor(readonly signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.exitCode = exitCodes[signal];
  }
}

/** Calls `onStop` at the first signal. */
export function listenForStop(onStop: (signal: StopSignal) => void): Disposable {
  const worker = new Worker(new URL("./signal_worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: signal }: MessageEvent<StopSignal>) => onStop(signal));
  return { [Symbol.dispose]: () => worker.terminate() };
}
