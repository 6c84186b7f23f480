/**
 * Serves pages and events to the browsers of this machine. Idle connections are closed, and browsers that do not read are
 * cut off, so neither costs memory or time.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const HOSTNAME = "127.0.0.1";
const MOST_CONNECTIONS = 64;

export interface Limits {
  /** Milliseconds between two looks for events. */
  readonly look: number;
  /** Looks in a row that a browser may not read. */
  readonly unread: number;
  /** Milliseconds until a connection is closed on which nothing arrives and nothing is read. */
  readonly idle: number;
}

export interface Event {
  readonly event: string;
  readonly data: unknown;
}

export interface Site {
  /** HTML by path. */
  readonly pages: Readonly<Record<string, () => Promise<string>>>;
  /** Returns the events for a browser that begins to listen. */
  begin(): Promise<readonly Event[]>;
  /** Returns the events since the last look. It is called while somebody listens. */
  look(): Promise<readonly Event[]>;
}

/**
 * Returns the status for a Host header: 200 for this server, 400 for a malformed one, 403 for any other name. Another name
 * for this machine would let any page on the web read the answers.
 */
export function hostStatus(host: string | undefined, port: number): 200 | 400 | 403 {
  const url = URL.parse(`http://${host}`);
  if (!host || !/^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i.test(host) || !url) return 400;
  return [HOSTNAME, "localhost"].includes(url.hostname) && Number(url.port || 80) === port ? 200 : 403;
}

/** A browser that listens, and the looks for which it has not read. */
interface Listener {
  readonly response: ServerResponse;
  unread: number;
}

export class LiveServer {
  readonly #server: Server;
  readonly #listeners = new Set<Listener>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly site: Site, readonly limits: Limits = { look: 1000, unread: 10, idle: 10_000 }) {
    const { idle } = limits;
    this.#server = createServer({
      connectionsCheckingInterval: idle / 4,
      headersTimeout: idle,
      requestTimeout: idle,
      keepAliveTimeout: idle,
      requireHostHeader: false,
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.timeout = idle;
    this.#server.on("request", (request, response) => this.#answer(request, response));
  }

  /**
   * Returns the address.
   *
   * @throws {Error} with the code EADDRINUSE or EACCES
   */
  async listen(port: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(port, HOSTNAME, resolve);
    await promise;
    return `http://${HOSTNAME}:${this.#port}/`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer({ url = "", method, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ""] = url.split("?"), host = hostStatus(headers.host, this.#port);
    if (host === 400) return send(response, 400, "the Host header is malformed\n");
    if (host === 403) return send(response, 403, "unknown host\n");
    if (!path.startsWith("/")) return send(response, 400, "the target is not a path\n");
    if (method !== "GET") return send(response, 405, "only GET\n", { allow: "GET" });
    if (path === "/events") return await this.#listen(response);
    const page = Object.hasOwn(this.site.pages, path) && this.site.pages[path];
    if (!page) return send(response, 404, "there is only /\n");
    try {
      send(response, 200, await page(), { "content-type": "text/html; charset=utf-8" });
    } catch (error) {
      console.error(error);
      send(response, 500, "the report failed\n");
    }
  }

  async #listen(response: ServerResponse): Promise<void> {
    const listener = { response, unread: 0 };
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.on("close", () => this.#listeners.delete(listener));
    response.write(textOf(await this.site.begin()));
    if (response.destroyed) return;
    this.#listeners.add(listener);
    this.#timer ??= setTimeout(() => this.#look(), this.limits.look);
  }

  /** Sends the events to all who listen; looks again if there are any. */
  async #look(): Promise<void> {
    const text = textOf(await this.site.look());
    for (const listener of this.#listeners) {
      const { response } = listener;
      listener.unread = response.writableNeedDrain ? listener.unread + 1 : 0;
      if (listener.unread > this.limits.unread) response.destroy();
      else if (listener.unread === 0) response.write(text);
    }
    const on = this.#listeners.size > 0 && this.#server.listening;
    this.#timer = on ? setTimeout(() => this.#look(), this.limits.look) : undefined;
  }
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const length = Buffer.byteLength(text);
  const common = { "content-type": "text/plain", "content-length": length, "cache-control": "no-store" };
  response.writeHead(status, { ...common, ...headers });
  response.end(text);
}

const textOf = (events: readonly Event[]): string =>
  events.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join("");
