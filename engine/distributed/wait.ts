/**
 * Waits for the other processes, and gives up when one of them is silent.
 *
 * A process that has waited for half the time limit calls the roll, and again after each half. A process that has not
 * answered by the next half is lost. So a process that hangs is found within the limit, and a process that only works for
 * long is waited for.
 *
 * @module
 */
import { SilentProcessError } from "./process_group.ts";
import type { RollCall } from "./roll_call.ts";

/** Times in milliseconds. */
const BURST = 1, ATTENTIVE_AFTER = 100, PATIENT_AFTER = 2000, ASLEEP = 1000;

/** A time limit. */
export interface Limit {
  /** Milliseconds in which a process that hangs is found. */
  readonly limit: number;
  /** Its name in errors. */
  readonly limitName: string;
}

export interface WaitOptions extends Limit {
  readonly rollCall: RollCall;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Seconds of the limit before the first step, at least: loading and compiling keep a process busy longer than a step. */
const STARTING = 300;

/** Returns the limit of a group, before its first step or after it. */
export function limitOf(timeout: number, isStarting: boolean): Limit {
  if (!isStarting || timeout >= STARTING) return { limit: 1000 * timeout, limitName: "--rank-timeout" };
  return { limit: 1000 * STARTING, limitName: "the limit before the first step" };
}

/**
 * Polls until `isDone`, in bursts of a millisecond. It yields the milliseconds to pause between them: none at first, because
 * most waits are short.
 *
 * @throws {SilentProcessError} if processes are silent
 */
export function* polled(
  isDone: () => boolean,
  { rollCall, limit, limitName, now = () => performance.now() }: WaitOptions,
): Generator<number, void> {
  const began = now();
  let half = began, last = began, called = false;
  for (;;) {
    const burst = now() + BURST;
    do {
      if (isDone()) return;
    } while (now() < burst);
    const time = now();
    // This process itself was stopped: the answers may not have been read yet.
    if (time - last > ASLEEP) half += time - last;
    last = time;
    if (time - began > ATTENTIVE_AFTER) rollCall.attend();
    if (time - half > limit / 2) {
      if (called && rollCall.silent.length > 0) {
        throw new SilentProcessError(rollCall.silent, rollCall, limit / 1000, limitName);
      }
      rollCall.begin();
      called = true;
      half = time;
    }
    yield time - began > PATIENT_AFTER ? 1 : 0;
  }
}

/** Waits while other work of this process goes on. */
export async function wait(isDone: () => boolean, options: WaitOptions): Promise<void> {
  for (const pause of polled(isDone, options)) {
    await new Promise<void>((resolve) => pause > 0 ? setTimeout(resolve, pause) : setImmediate(resolve));
  }
}

const pauses = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits before it returns; nothing else runs meanwhile.
 *
 * @param interrupt is called again and again; what it throws ends the waiting
 */
export function waitNow(isDone: () => boolean, options: WaitOptions, interrupt = () => {}): void {
  for (const pause of polled(isDone, options)) {
    interrupt();
    if (pause > 0) Atomics.wait(pauses, 0, 0, pause);
  }
}
