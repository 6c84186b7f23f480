/** A page in headless Chromium, over the DevTools protocol. */
import { runs } from "./program.ts";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The first of its names that can be run. */
export async function chromium(): Promise<string | undefined> {
  for (const program of PROGRAMS) if (await runs(program, ["--version"])) return program;
  return undefined;
}

export interface Page {
  /** Loads an address. What was compiled for the page before need not be compiled again. */
  navigate(url: string): Promise<void>;
  /** Shows the page as a screen of this width in pixels and these colours does. */
  display(width: number, colours: "light" | "dark"): Promise<void>;
  /** The value of an expression, awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** A picture of the page as PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Addresses that the page asked for. */
  readonly requested: readonly string[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly request?: { readonly url: string } };
  readonly result?: Record<string, never>;
  readonly error?: { readonly message: string };
}

/** Opens an empty page, and closes the browser after `run`. */
export async function inPage(program: string, run: (page: Page) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "shakenet-chromium-" });
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  const browser = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
  const printed = browser.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const devTools = new DevTools(await addressOf(printed));
    await run(await devTools.open());
    devTools.close();
  } finally {
    browser.kill("SIGKILL");
    await browser.status;
    await printed.cancel();
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

async function addressOf(printed: ReadableStreamDefaultReader<string>): Promise<string> {
  for (let text = "";;) {
    const { value, done } = await printed.read();
    text += value ?? "";
    const address = /DevTools listening on (\S+)/.exec(text)?.[1];
    if (address) return address;
    if (done) throw new Error(`the browser ended: ${text}`);
  }
}

class DevTools {
  readonly #socket: WebSocket;
  readonly #opened: Promise<unknown>;
  readonly #answers = new Map<number, PromiseWithResolvers<Record<string, never>>>();
  readonly #requested: string[] = [];
  #count = 0;

  constructor(address: string) {
    this.#socket = new WebSocket(address);
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", resolve);
      this.#socket.addEventListener("close", () => reject(new Error("the browser cannot be reached")));
    });
    this.#socket.addEventListener("close", () => {
      for (const answer of this.#answers.values()) answer.reject(new Error("the browser has ended"));
    });
    this.#socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
  }

  async open(): Promise<Page> {
    await this.#opened;
    const { targetId } = await this.#send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.#send("Target.attachToTarget", { targetId, flatten: true });
    const send = (method: string, params = {}) => this.#send(method, params, sessionId);
    await send("Network.enable");
    await send("Page.enable");
    const evaluate = async (expression: string) => {
      const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      const { result, exceptionDetails } = answer as unknown as {
        result: { value: unknown };
        exceptionDetails?: { exception: { description: string } };
      };
      if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
      return result.value;
    };
    return {
      requested: this.#requested,
      async navigate(url) {
        await send("Page.navigate", { url });
      },
      async display(width, colours) {
        const screen = { width, height: 844, deviceScaleFactor: 1, mobile: width < 500 };
        await send("Emulation.setDeviceMetricsOverride", screen);
        await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: colours }] });
      },
      evaluate,
      async until(expression) {
        while (!await evaluate(expression)) await new Promise((resolve) => setTimeout(resolve, 50));
      },
      async screenshot() {
        const { data } = await send("Page.captureScreenshot", { format: "png" });
        return Uint8Array.from(atob(data!), (character) => character.charCodeAt(0));
      },
    };
  }

  close(): void {
    this.#socket.close();
  }

  async #send(method: string, params: Record<string, unknown>, sessionId?: string): Promise<Record<string, never>> {
    const id = ++this.#count;
    const answer = Promise.withResolvers<Record<string, never>>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
    return await answer.promise;
  }

  #receive({ id, method, params, result, error }: Message): void {
    if (method === "Network.requestWillBeSent") this.#requested.push(params!.request!.url);
    const answer = id === undefined ? undefined : this.#answers.get(id);
    if (!answer) return;
    this.#answers.delete(id!);
    if (error) answer.reject(new Error(error.message));
    else answer.resolve(result!);
  }
}
