/**
 * The thread that {@linkcode listenForStop} starts: says which signal came first.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/** Windows has no SIGTERM; its SIGHUP is a console that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type StopSignal = typeof signals[number];

const known = signals.filter((signal) => Deno.build.os !== "windows" || signal !== "SIGTERM");

const listeners = known.map((signal) => {
  const listener = () => {
    for (const remove of listeners) remove();
    self.postMessage(signal satisfies StopSignal);
  };
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
});
