/**
 * Ctrl-C ends the measurements; a table of what was measured until then is printed. A second one ends the program at once.
 *
 * @module
 */
const controller = new AbortController();

/** Aborted when the measurements must end. */
export const stop: AbortSignal = controller.signal;

/** Ends the measurements. */
export const stopMeasuring = (): void => controller.abort();

/** Listens for the first signal alone. */
export function stopAtSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const listener = () => {
      Deno.removeSignalListener(signal, listener);
      stopMeasuring();
    };
    Deno.addSignalListener(signal, listener);
  }
}
