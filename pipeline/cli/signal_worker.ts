/**
 * The thread that {@linkcode listenForStop} starts: says which signal came first.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/**
 * Windows has no SIGTERM and no SIGUSR1; its SIGHUP is a console that is closed. SIGUSR1 is what schedulers send, and mpirun
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
