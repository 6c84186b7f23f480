/**
 * How far a long job is: a bar on a terminal, a line now and then elsewhere, nothing when quiet.
 *
 * @module
 */
// @ts-types="npm:@types/cli-progress@3.11.6"
import { MultiBar, Presets } from "cli-progress";
import process from "node:process";
import type { Context } from "./command.ts";

export interface Progress {
  /** @param done of the total; @param text shown behind the bar */
  update(done: number, text?: string): void;
  /** Writes a line above the bar. */
  log(line: string): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** Of what there are `total`: steps, images, MB. */
  readonly unit: string;
  /** What was done before, by an earlier run of the job. */
  readonly from?: number;
}

/** Seconds between lines where there is no terminal. */
const LINE_SECONDS = 10;

export function startProgress(options: ProgressOptions, { quiet, log }: Context): Progress {
  if (quiet) return { update() {}, log, stop() {} };
  return Deno.stderr.isTerminal() ? bar(options) : lines(options, log);
}

function bar({ label, total, unit, from = 0 }: ProgressOptions): Progress {
  // Only a bar among several can have lines written above it.
  const bars = new MultiBar({
    format: `${label} {bar} {value}/{total} ${unit} | {left} left {text}`,
    stream: process.stderr,
    hideCursor: true,
    barsize: 24,
    // The job ends by itself when it is stopped; the bar must not exit in its place.
    gracefulExit: false,
  }, Presets.shades_classic);
  const left = timeLeft(total, from);
  const single = bars.create(total, from, { left: "?", text: "" });
  return {
    update: (done, text = "") => single.update(Math.round(done), { left: left(done), text: text && `| ${text}` }),
    log(line) {
      bars.log(line + "\n");
      // What is logged appears when the bar is drawn next, which after the last step is never.
      bars.update();
    },
    stop: () => bars.stop(),
  };
}

function lines({ label, total, unit, from = 0 }: ProgressOptions, log: (line: string) => void): Progress {
  const left = timeLeft(total, from);
  let next = performance.now() + 1000 * LINE_SECONDS;
  return {
    update(done, text = "") {
      if (performance.now() < next) return;
      next = performance.now() + 1000 * LINE_SECONDS;
      log(`${label}: ${Math.round(done)}/${total} ${unit}, ${left(done)} left${text && `, ${text}`}`);
    },
    log,
    stop() {},
  };
}

/** Time left at the mean rate since the job began, as text. */
function timeLeft(total: number, from: number): (done: number) => string {
  const start = performance.now();
  return (done) => {
    const seconds = (performance.now() - start) / 1000 * (total - done) / Math.max(1e-9, done - from);
    return Number.isFinite(seconds) && done > from ? duration(seconds) : "?";
  };
}

/** Seconds as `1h05m`, `3m20s` or `12s`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds), two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor(whole / 60) % 60)}m`;
}
