/**
 * Progress of a long job: a bar on a terminal, a line every ten seconds elsewhere, nothing when quiet.
 *
 * @module
 */
// @ts-types="npm:@types/cli-progress@3.11.6"
import type * as cliProgress from "cli-progress";
import { createRequire } from "node:module";
import process from "node:process";
import { coloured } from "./colour.ts";
import type { Context } from "./command.ts";
import { Pace } from "./pace.ts";
import { durationText, megabytesText, rateText } from "./quantity.ts";

/** Stops when it is disposed. */
export interface Progress extends Disposable {
  /** @param done units of the total; @param text shown behind the bar */
  update(done: number, text?: string): void;
  /** Writes a line above the bar. */
  log(line: string): void;
  /** Begins a part of the job, with a bar of its own until it is stopped. */
  part(options: ProgressOptions): Progress;
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** The unit of `total`: steps, images, bytes. */
  readonly unit: string;
  /** Units that an earlier run of the job did. */
  readonly from?: number;
  /** The unit of the rate, and how many of them make one unit of `total`; default: the same unit. */
  readonly rated?: { readonly unit: string; readonly each: number };
}

/** Seconds between lines where there is no terminal. */
const LINE_SECONDS = 10;

export function startProgress(options: ProgressOptions, { quiet, log }: Context): Progress {
  if (quiet) return silent(log);
  return Deno.stderr.isTerminal() ? bar(options) : lines(options, log);
}

function silent(log: (line: string) => void): Progress {
  const progress: Progress = stoppable({ update() {}, log, part: () => progress, stop() {} });
  return progress;
}

function bar(options: ProgressOptions): Progress {
  // It takes a tenth of a second to load, and only terminals need it.
  const { MultiBar, Presets } = createRequire(import.meta.url)("cli-progress") as typeof cliProgress;
  // Only a bar among several can have lines written above it.
  const bars = new MultiBar({
    format: "{label} {bar} {state}",
    stream: process.stderr,
    hideCursor: true,
    barsize: 24,
    // Redraws an unchanged bar too, because a logged line overwrites it.
    forceRedraw: true,
    // The job handles signals; the bar must not exit the process.
    gracefulExit: false,
  }, Presets.shades_classic);
  // Stopped again, the bars would be drawn over the lines that were written since.
  let stopped = false;
  const stop = () => {
    if (!stopped) bars.stop();
    stopped = true;
  };
  return stoppable({ ...barAmong(bars, options), stop });
}

function barAmong(bars: cliProgress.MultiBar, options: ProgressOptions): Progress {
  const { label, total, from = 0 } = options;
  const state = stateOf(options);
  const single = bars.create(total, from, { label, state: state(from, "").join(" | ") });
  return stoppable({
    update: (done, text = "") => single.update(done, { state: state(done, text).join(" | ") }),
    log(line) {
      bars.log(coloured(line) + "\n");
      // A logged line appears with the next drawing of the bar, and after the last step there is none.
      bars.update();
    },
    part: (options) => barAmong(bars, options),
    stop: () => void bars.remove(single),
  });
}

function lines(options: ProgressOptions, log: (line: string) => void): Progress {
  const state = stateOf(options);
  let next = performance.now() + 1000 * LINE_SECONDS;
  return stoppable({
    update(done, text = "") {
      const now = state(done, text);
      if (performance.now() < next) return;
      next = performance.now() + 1000 * LINE_SECONDS;
      log(`${options.label}: ${now.join(", ")}`);
    },
    log,
    part: (options) => lines(options, log),
    stop() {},
  });
}

const stoppable = (progress: Omit<Progress, typeof Symbol.dispose>): Progress => ({
  ...progress,
  [Symbol.dispose]: () => progress.stop(),
});

/** Units done, time left, rate and a text, as far as they are known. */
function stateOf(options: ProgressOptions): (done: number, text: string) => string[] {
  const { total, unit, from = 0, rated = { unit, each: 1 } } = options;
  const seconds = () => performance.now() / 1000;
  const pace = new Pace(total, from, seconds());
  return (done, text) => {
    const { rate, left } = pace.at(done, seconds());
    return [
      countText(done, total, unit),
      ...(left === undefined ? [] : [`${durationText(left)} left`]),
      ...(rate === undefined ? [] : [speedText(rate * rated.each, rated.unit)]),
      ...(text ? [text] : []),
    ];
  };
}

/** Units done of the total; bytes in MB. */
export const countText = (done: number, total: number, unit: string): string =>
  unit === "bytes" ? `${(done / 1e6).toFixed(1)}/${megabytesText(total)}` : `${Math.round(done)}/${total} ${unit}`;

const speedText = (rate: number, unit: string) =>
  unit === "bytes" ? `${rateText(rate / 1e6)} MB/s` : `${rateText(rate)} ${unit}/s`;
