/**
 * The signals that stop a command.
 *
 * A thread of its own listens to them, because a training step can block the main thread for seconds. The first signal
 * reaches the main thread when it is free, so that it can save; a main thread that waits for other processes can ask. Then
 * the thread stops listening, so that a second signal ends the process at once.
 *
 * @module
 */
import { signals, type StopSignal } from "./signal_names.ts";

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

export interface StopListener extends Disposable {
  /** The first signal, known before the main thread is free to hear of it. */
  readonly received: () => StopSignal | undefined;
}

/** Calls `onStop` at the first signal. */
export function listenForStop(onStop: (signal: StopSignal) => void): StopListener {
  const worker = new Worker(new URL("./signal_worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: signal }: MessageEvent<StopSignal>) => onStop(signal));
  const first = new Int32Array(new SharedArrayBuffer(4));
  worker.postMessage(first);
  return {
    received: () => signals[Atomics.load(first, 0) - 1],
    [Symbol.dispose]: () => worker.terminate(),
  };
}
