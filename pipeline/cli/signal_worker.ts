/**
 * The thread of {@linkcode listenForStop}: reports the first signal.
 *
 * @module
 */
/// <reference lib="deno.worker" />

import { signals, type StopSignal } from "./signal_names.ts";

const known = signals.filter((signal) => Deno.build.os !== "windows" || signal === "SIGINT" || signal === "SIGHUP");

/** Says the first signal to a main thread that cannot receive messages: its place among the signals, from 1. */
let first: Int32Array<SharedArrayBuffer> | undefined;
self.addEventListener("message", ({ data }: MessageEvent<Int32Array<SharedArrayBuffer>>) => first = data);

const listeners = known.map((signal) => {
  const listener = () => {
    for (const remove of listeners) remove();
    if (first) Atomics.store(first, 0, 1 + signals.indexOf(signal));
    self.postMessage(signal satisfies StopSignal);
  };
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
});
