/**
 * Serves the report of a run to this machine alone, and updates it while the run trains.
 *
 * @module
 */
import { InputError } from "../../data/files/input_error.ts";
import { command } from "../cli/command.ts";
import { fingerprint, liveState } from "../report/live.ts";
import { LiveServer, type Site } from "../report/live_server.ts";
import { html, type Markup } from "../report/markup.ts";
import { documentOf, reportOf } from "../report/page.ts";
import { readRun, runFiles } from "../report/read_run.ts";
import {
  comparedRuns,
  type DatasetSource,
  findDataset,
  type Found,
  readRuns,
  type ReportOptions,
} from "../report/reported_runs.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import script from "../report/live.js" with { type: "text" };

/** The least number of looks between two new reports. */
const LOOKS_PER_REPORT = 3;

export const watch = command({
  name: "watch",
  fields: ["run", "compare", "port", "runs", "cache"],
  async run(options, context) {
    const { signal } = context;
    const server = new LiveServer(siteOf(new Reporter(options)));
    const url = await listen(server, options.port);
    try {
      context.print(`${url} (Ctrl-C ends it)`);
      await new Promise((resolve) => signal.aborted ? resolve(null) : signal.addEventListener("abort", resolve));
    } finally {
      await server.close();
    }
    return { url };
  },
});

const portProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use; choose another, or 0 for one that is free",
  EACCES: "is for the administrator of this machine; choose one above 1023, or 0 for one that is free",
};

async function listen(server: LiveServer, port: number): Promise<string> {
  try {
    return await server.listen(port);
  } catch (error) {
    const problem = portProblems[(error as { code?: string }).code ?? ""];
    throw problem ? new InputError(`--port: ${port} ${problem}`) : error;
  }
}

/** The page, its report alone, and two events: `state` has the run's state, `report` tells that the report has changed. */
function siteOf(reporter: Reporter): Site {
  let shown: string | undefined, looks = 0;
  const state = async () => ({ event: "state", data: await reporter.state() });
  return {
    pages: { "/": () => reporter.document(), "/report": async () => (await reporter.report()).text },
    async begin() {
      shown ??= await reporter.fingerprint();
      return [await state()];
    },
    async look() {
      const now = await reporter.fingerprint();
      if (now === shown || ++looks < LOOKS_PER_REPORT) return [await state()];
      [shown, looks] = [now, 0];
      return [await state(), { event: "report", data: null }];
    },
  };
}

/** Renews the report when a file of the runs has changed; reads each data set once. */
class Reporter {
  readonly #datasets = new Map<string, Promise<Found>>();
  readonly #files: readonly string[];
  readonly #metrics: string;
  #made: { readonly of: string; readonly report: Promise<Markup> } | undefined;

  constructor(readonly options: ReportOptions) {
    this.#files = comparedRuns(options).flatMap((run) => runFiles({ ...options, run }));
    this.#metrics = runPaths(options).metrics;
  }

  fingerprint(): Promise<string> {
    return fingerprint(this.#files);
  }

  async report(): Promise<Markup> {
    const of = await this.fingerprint();
    if (this.#made?.of !== of) this.#made = { of, report: this.#report() };
    return await this.#made.report;
  }

  async #report(): Promise<Markup> {
    try {
      return await reportOf(await readRuns(this.options, this.#datasetOf));
    } catch (error) {
      if (error instanceof InputError) return html`<p>${error.message}</p>`;
      throw error;
    }
  }

  async document(): Promise<string> {
    const head = html`<div id="live"><progress max="1"></progress><span></span></div>`;
    const live = { head, script, nonce: crypto.randomUUID() };
    return documentOf(`${this.options.run} — ShakeNet`, await this.report(), live);
  }

  async state() {
    const { options } = this;
    try {
      const { mtime } = await Deno.stat(this.#metrics);
      return liveState(await readRun(options), mtime?.getTime() ?? Date.now(), Date.now());
    } catch {
      return { done: null, words: `waiting for the run ${options.run} to begin` };
    }
  }

  readonly #datasetOf: DatasetSource = (run, options) => {
    // A run that is begun again may have other data in the same file.
    const key = `${run.data?.digest} ${datasetPaths(run.configuration).decoded}`;
    const known = this.#datasets.get(key) ?? findDataset(run, options);
    this.#datasets.set(key, known);
    return known;
  };
}
