/**
 * An HTTP server with limits: on connections, on requests and the bytes of their bodies, and on the time of each step.
 *
 * node:http is used because it closes connections that are idle or slow, which `Deno.serve` does not.
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { HttpError } from "./http_error.ts";

const KiB = 1 << 10, MiB = 1 << 20;
/** Characters of an error's message, which may quote the request. */
const MOST_CHARACTERS = 300;

export const defaultLimits = {
  connections: 2_000,
  /** Requests with POST that are read, decoded or classified at once. Others do no work, and are always answered. */
  requests: 256,
  bodyBytes: 8 * MiB,
  /** Bodies up to this size are limited by `requests` alone; what is longer shares `largeBytes`. */
  smallBytes: 256 * KiB,
  largeBytes: 64 * MiB,
  headSeconds: 10,
  /** From the first byte of a request to the last of its body. */
  requestSeconds: 10,
  /** From the head of a request to its answer. */
  answerSeconds: 15,
  idleSeconds: 30,
  /** How long a body is discarded after its answer, so that the sender can read the answer. */
  discardSeconds: 2,
  shutdownSeconds: 5,
};
export type Limits = typeof defaultLimits;

/** A request, after its head was checked. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Aborts when the client has gone, or the answer is late. */
  readonly signal: AbortSignal;
  /** @throws {HttpError} if it is too long, or other bodies take the memory */
  body(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

export interface ServerOptions {
  readonly limits?: Partial<Limits>;
  /** Answers a request, or throws an {@linkcode HttpError}. */
  answer(question: Question): Answer | Promise<Answer>;
  /** Receives the path, the status and the duration of every request whose head was read. */
  onAnswer?(path: string, status: number, seconds: number): void;
}

export class HttpServer {
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #options: ServerOptions;
  readonly #finished = Promise.withResolvers<void>();
  #requests = 0;
  #largeBytes = 0;
  #stopping = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { connections, headSeconds, requestSeconds, idleSeconds } = this.#limits;
    this.#server = createServer({
      connectionsCheckingInterval: 500,
      headersTimeout: 1000 * headSeconds,
      requestTimeout: 1000 * requestSeconds,
      keepAliveTimeout: 1000 * idleSeconds,
      // The check of every head answers instead, with a sentence.
      requireHostHeader: false,
    });
    this.#server.maxConnections = connections;
    this.#server.timeout = 1000 * idleSeconds;
    this.#server.on("request", (request, response) => this.#answer(request, response));
    this.#server.on("checkContinue", (request, response) => this.#answer(request, response));
    this.#server.on("clientError", refuse);
    this.#server.on("close", () => this.#finished.resolve());
  }

  async listen(port: number, hostname: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(port, hostname, resolve);
    await promise;
  }

  get addr(): { readonly hostname: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { hostname: address, port };
  }

  /** The requests that are counted, and the memory that long bodies take. */
  get load(): Readonly<Record<"requests" | "large_body_bytes", number>> {
    return { requests: this.#requests, large_body_bytes: this.#largeBytes };
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Answers the requests that have arrived, within the time limit, then closes every connection. */
  async shutdown(): Promise<void> {
    if (this.#stopping) return await this.finished;
    this.#stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    const deadline = setTimeout(() => this.#server.closeAllConnections(), 1000 * this.#limits.shutdownSeconds);
    await this.finished;
    clearTimeout(deadline);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    response.on("close", () => abort.abort(gone()));
    const timer = setTimeout(
      () => abort.abort(new HttpError(504, "the answer took too long, try again later")),
      1000 * this.#limits.answerSeconds,
    );
    const begin = performance.now();
    let answer: Answer;
    try {
      answer = await orAborted(this.#work(request, response, abort.signal), abort.signal);
    } catch (error) {
      answer = answerOf(error);
    }
    clearTimeout(timer);
    this.#send(request, response, answer);
    const [path = ""] = (request.url ?? "").split("?");
    this.#options.onAnswer?.(path, answer.status ?? 200, (performance.now() - begin) / 1000);
  }

  /** Counts a request from its arrival until its work has ended, which may be after its answer. */
  async #work(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<Answer> {
    const { headers, method = "" } = request;
    checkHost(request);
    const path = pathOf(request.url ?? "");
    if (method !== "POST") return await this.#options.answer({ method, path, headers, signal, body: nothing });
    if (this.#requests >= this.#limits.requests) throw busy("too many requests");
    const body = new Body(this.#limits, (bytes) => this.#reserve(bytes));
    this.#requests++;
    try {
      body.declare(Number(headers["content-length"] ?? 0));
      const read = () => {
        if (headers.expect) response.writeContinue();
        return body.read(request);
      };
      return await this.#options.answer({ method, path, headers, signal, body: read });
    } finally {
      this.#requests--;
      body.release();
    }
  }

  #reserve(bytes: number): void {
    if (bytes > 0 && this.#largeBytes + bytes > this.#limits.largeBytes) throw busy("too many large bodies");
    this.#largeBytes += bytes;
  }

  #send(request: IncomingMessage, response: ServerResponse, { status = 200, headers, body = "" }: Answer): void {
    if (response.destroyed || request.socket.destroyed) return;
    response.writeHead(status, {
      ...headers,
      "content-length": Buffer.byteLength(body),
      ...(this.#stopping ? { connection: "close" } : {}),
    });
    response.end(body);
    if (request.complete) return;
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), 1000 * this.#limits.discardSeconds);
    for (const event of ["end", "close"]) request.once(event, () => clearTimeout(timer));
  }
}

/** The memory of one body. */
class Body {
  #reserved = 0;

  constructor(readonly limits: Limits, readonly reserve: (bytes: number) => void) {}

  /** Reserves the memory of a body of this length. */
  declare(length: number): void {
    const { bodyBytes, smallBytes } = this.limits;
    if (length > bodyBytes) throw new HttpError(413, `a body has at most ${bodyBytes} bytes`);
    const more = length - smallBytes - this.#reserved;
    if (more <= 0) return;
    this.reserve(more);
    this.#reserved += more;
  }

  async read(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        this.declare(length += chunk.length);
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof HttpError ? error : gone();
    }
    return Buffer.concat(chunks, length);
  }

  release(): void {
    this.reserve(-this.#reserved);
    this.#reserved = 0;
  }
}

/** Is sent to nobody: the counters tell it. */
const gone = () => new HttpError(499, "the client has gone");

const nothing = () => Promise.resolve(new Uint8Array());

const busy = (what: string) => new HttpError(503, `${what} at once, try again later`, { "retry-after": "1" });

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function answerOf(error: unknown): Answer {
  if (error instanceof HttpError) {
    const answer = json({ error: error.message.slice(0, MOST_CHARACTERS) }, error.status);
    return { ...answer, headers: { ...answer.headers, ...error.headers } };
  }
  console.error(error);
  return json({ error: "the service failed" }, 500);
}

/** @throws {HttpError} if there is not one Host, of the form name or name:port */
function checkHost({ rawHeaders, headers: { host = "" } }: IncomingMessage): void {
  const count = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
  if (count !== 1 || !/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host) || !URL.canParse(`http://${host}`)) {
    throw new HttpError(400, "the Host header is not a name or a name and a port");
  }
}

/** Returns the path of a target such as `/path?query` or `http://name/path`. */
function pathOf(target: string): string {
  const url = URL.parse(target.startsWith("/") ? `http://localhost${target}` : target);
  if (!url?.protocol.startsWith("http")) throw new HttpError(400, "the request's target is not a path or a URL");
  return url.pathname;
}

const parserErrors: Readonly<Record<string, readonly [status: string, says: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request took too long to arrive"],
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "the request's head is too long"],
};

/** Answers what is no HTTP, or too slow, and closes the connection. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const [status, says] = parserErrors[error.code ?? ""] ?? ["400 Bad Request", "the request is not HTTP/1.1"];
  const body = JSON.stringify({ error: says });
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  socket.end(`${head}connection: close\r\n\r\n${body}`);
  socket.destroySoon();
}
