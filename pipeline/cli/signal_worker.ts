/**
 * The thread of {@linkcode listenForStop}: reports the first signal.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/**
 * Windows has no SIGTERM and no SIGUSR1; it sends SIGHUP when the console is closed. Schedulers send SIGUSR1, which mpirun
 * passes on, some time before a job must end.
 */
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const;
export type StopSignal = typeof signals[number];

const known = signals.filter((signal) => Deno.build.os !== "windows" || signal === "SIGINT" || signal === "SIGHUP");

const listeners = known.map((signal) => {
  const listener = () => {
    for (const remove of listeners) remove();
    self.postMessage(signal satisfies StopSignal);
  };
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
});
