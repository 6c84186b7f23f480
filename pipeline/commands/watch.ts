/**
 * Serves the report of a run to this machine alone, and updates it while the run trains.
 *
 * @module
 */
import { InputError } from "../../data/files/input_error.ts";
import { command } from "../cli/command.ts";
import { fingerprint, liveState } from "../report/live.ts";
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

const HOSTNAME = "127.0.0.1";
/** Milliseconds between two looks at the run. */
const LOOK = 1000;
/** The least number of looks between two new reports. */
const LOOKS_PER_REPORT = 3;

export const watch = command({
  name: "watch",
  fields: ["run", "compare", "port", "runs", "cache"],
  async run(options, context) {
    const { signal } = context;
    const reporter = new Reporter(options);
    let url = "";
    const onListen = ({ port }: { port: number }) => {
      url = `http://${HOSTNAME}:${port}/`;
      context.print(`${url} (Ctrl-C ends it)`);
    };
    const serve = (request: Request) => answer(request, reporter, signal);
    try {
      await Deno.serve({ hostname: HOSTNAME, port: options.port, signal, onListen }, serve).finished;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      throw new InputError(`--port: ${options.port} is in use; choose another, or 0 for one that is free`);
    }
    return { url };
  },
});

async function answer(request: Request, reporter: Reporter, signal: AbortSignal): Promise<Response> {
  const { pathname, port } = new URL(request.url);
  // Another name for this machine would let any page on the web read the answers.
  const hosts = [`${HOSTNAME}:${port}`, `localhost:${port}`];
  if (!hosts.includes(request.headers.get("host") ?? "")) return new Response("unknown host\n", { status: 403 });
  if (request.method !== "GET") return new Response("only GET\n", { status: 405, headers: { allow: "GET" } });
  const page = (text: string) =>
    new Response(text, { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
  switch (pathname) {
    case "/":
      return page(await reporter.document());
    case "/report":
      return page((await reporter.report()).text);
    case "/events":
      return new Response(events(reporter, signal), { headers: { "content-type": "text/event-stream" } });
    default:
      return new Response("there is only /\n", { status: 404 });
  }
}

/** Server-sent events: `state` has the run's state, `report` tells that the report has changed. */
function events(reporter: Reporter, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream({
    async start(controller) {
      const send = (event: string, data: unknown) =>
        controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      let shown = await reporter.fingerprint(), looks = 0;
      const look = async () => {
        try {
          send("state", await reporter.state());
          const now = await reporter.fingerprint();
          if (now === shown || ++looks < LOOKS_PER_REPORT) return;
          [shown, looks] = [now, 0];
          send("report", null);
        } catch {
          // The browser has closed the connection.
          clearInterval(timer);
        }
      };
      timer = setInterval(look, LOOK);
      signal.addEventListener("abort", () => {
        clearInterval(timer);
        try {
          controller.close();
        } catch {
          // The browser closed it first.
        }
      });
      await look();
    },
    cancel() {
      clearInterval(timer);
    },
  });
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
