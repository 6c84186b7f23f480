import assert from "#assert";
import { HttpServer, json, type Limits, type Question } from "../../../examples/deno/http_server.ts";
import { sendRaw } from "../../support/raw_http.ts";
import { waitUntil } from "../../support/wait_until.ts";

const quick = { headSeconds: 1, requestSeconds: 1, idleSeconds: 2, discardSeconds: 1, shutdownSeconds: 1 };

/** Calls with a server that answers the length of a body. */
async function inServer(
  run: (port: number, server: HttpServer) => Promise<void>,
  limits: Partial<Limits> = {},
  answer = async ({ body }: Question) => json((await body()).length),
): Promise<void> {
  const server = new HttpServer({ answer, limits });
  await server.listen(0, "127.0.0.1");
  try {
    await run(server.addr.port, server);
  } finally {
    await server.shutdown();
  }
}

const get = (target: string, host = "Host: a\r\n") => `GET ${target} HTTP/1.1\r\n${host}\r\n`;
const post = (length: number, body: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`;
const answered = /\r\n\r\n./;

Deno.test("a malformed target or Host is answered 400 in one line", () =>
  inServer(async (port) => {
    const requests = [
      get("http://["),
      get("*"),
      get("ftp://a/"),
      get("/", ""),
      get("/", "Host:\r\n"),
      get("/", "Host: a b\r\n"),
      get("/", "Host: [::1\r\n"),
      get("/", "Host: a:99999\r\n"),
      get("/", "Host: a/b\r\n"),
      get("/", "Host: a\r\nHost: a\r\n"),
      "no HTTP\r\n\r\n",
    ];
    for (const request of requests) {
      const { text } = await sendRaw(port, request, answered);
      assert.match(text, /^HTTP\/1.1 400 Bad Request\r\n/, request);
      assert.match(text, /\r\n\r\n\{"error":"[^\n]+"\}$/, request);
    }
  }));

Deno.test("targets are paths or URLs, hosts are names, addresses and ports", () =>
  inServer(
    async (port) => {
      const requests = [
        [get("/x?y=http://["), "/x"],
        [get("//["), "//["],
        [get("http://b/x"), "/x"],
        [get("/%zz"), "/%zz"],
        [get("/", "Host: 127.0.0.1:80\r\n"), "/"],
        [get("/", "Host: [::1]:8000\r\n"), "/"],
      ] as const;
      for (const [request, path] of requests) {
        const { text } = await sendRaw(port, request, answered);
        assert.equal(text.split("\r\n\r\n")[1], JSON.stringify(path), request);
      }
    },
    {},
    ({ path }) => Promise.resolve(json(path)),
  ));

Deno.test("requests are counted on arrival: one too many is answered 503 with Retry-After", () => {
  const held = Promise.withResolvers<void>(), rest = Promise.withResolvers<string>();
  return inServer(
    async (port, server) => {
      const first = sendRaw(port, post(1, ""), answered, rest.promise);
      const second = sendRaw(port, post(1, "b"), answered);
      await waitUntil("both requests", () => server.load.requests === 2, Promise.race([first, second]));
      const { text } = await sendRaw(port, post(1, "c"), answered);
      assert.match(text, /^HTTP\/1.1 503 .*\r\nretry-after: 1\r\n.*too many requests at once/is);
      assert.match((await sendRaw(port, get("/"), answered)).text, /^HTTP\/1.1 200 /);
      held.resolve();
      assert.match((await second).text, /^HTTP\/1.1 200 /);
      rest.resolve("a");
      assert.match((await first).text, /^HTTP\/1.1 200 /);
      assert.match((await sendRaw(port, post(1, "d"), answered)).text, /^HTTP\/1.1 200 /);
    },
    { requests: 2 },
    async ({ method, body }) => {
      const { length } = await body();
      if (method === "POST") await held.promise;
      return json(length);
    },
  );
});

Deno.test("long bodies share their memory, and give it back", () =>
  inServer(async (port, server) => {
    const limits = server.load;
    assert.deepEqual(limits, { requests: 0, large_body_bytes: 0 });
    const rest = Promise.withResolvers<string>();
    const waiting = sendRaw(port, post(60, "a"), answered, rest.promise);
    await waitUntil("the request", () => server.load.requests === 1, waiting);
    assert.equal(server.load.large_body_bytes, 50);
    assert.match((await sendRaw(port, post(61, "a"), answered)).text, /^HTTP\/1.1 503 .*too many large bodies/s);
    assert.match((await sendRaw(port, post(10, "a".repeat(10)), answered)).text, /^HTTP\/1.1 200 /);
    const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3d\r\n" + "a".repeat(61) + "\r\n";
    assert.match((await sendRaw(port, chunked, answered)).text, /^HTTP\/1.1 503 /);
    rest.resolve("a".repeat(59));
    assert.match((await waiting).text, /^HTTP\/1.1 200 /);
    assert.deepEqual(server.load, { requests: 0, large_body_bytes: 0 });
  }, { smallBytes: 10, largeBytes: 100 }));

Deno.test("a body that is too long is refused before it is read, and while it is read", () =>
  inServer(async (port) => {
    assert.match((await sendRaw(port, post(101, ""), answered)).text, /^HTTP\/1.1 413 /);
    const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + "a".repeat(101) + "\r\n";
    assert.match((await sendRaw(port, chunked, answered)).text, /^HTTP\/1.1 413 /);
  }, { bodyBytes: 100 }));

Deno.test("a connection that is idle, or stops in a head or a body, is closed", () =>
  inServer(async (port) => {
    const states = {
      "nothing was sent": ["", /^(HTTP\/1.1 408 .*)?$/s],
      "half a head": ["GET / HTTP/1.1\r\nHos", /^HTTP\/1.1 408 .*"the request took too long to arrive"\}$/s],
      "half a body": [post(10, "abc"), /^HTTP\/1.1 408 .*"the request took too long to arrive"\}$/s],
      "answered": [get("/"), /^HTTP\/1.1 200 /],
      "refused, and the body never ends": [post(101, "abc"), /^HTTP\/1.1 413 /],
    } as const;
    await Promise.all(
      Object.entries(states).map(async ([name, [text, says]]) => {
        const sent = await sendRaw(port, text);
        assert.ok(sent.closed, name);
        assert.match(sent.text, says, name);
      }),
    );
  }, { ...quick, bodyBytes: 100 }));

Deno.test("work ends when the client has gone, or the answer is late", async (t) => {
  const aborted = Promise.withResolvers<unknown>(), asked = Promise.withResolvers<void>();
  const wait = ({ signal }: Question) => {
    asked.resolve();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      aborted.resolve(signal.reason);
      reject(signal.reason);
    });
    return promise;
  };
  await t.step("gone", () =>
    inServer(
      async (port) => {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        await connection.write(new TextEncoder().encode(post(1, "a")));
        await asked.promise;
        connection.close();
        assert.match(`${await aborted.promise}`, /the client has gone/);
      },
      {},
      wait,
    ));
  await t.step("late", () =>
    inServer(
      async (port) => assert.match((await sendRaw(port, post(1, "a"), answered)).text, /^HTTP\/1.1 504 /),
      { answerSeconds: 0.2 },
      wait,
    ));
});

Deno.test("shutdown answers what has arrived, and does not wait for half a body", async () => {
  const held = Promise.withResolvers<void>();
  const server = new HttpServer({
    limits: { ...quick, requestSeconds: 60 },
    answer: async ({ body }) => {
      const { length } = await body();
      await held.promise;
      return json(length);
    },
  });
  await server.listen(0, "127.0.0.1");
  const { port } = server.addr;
  const half = sendRaw(port, post(10, "abc")), whole = sendRaw(port, post(3, "abc"));
  await waitUntil("both requests", () => server.load.requests === 2, Promise.race([half, whole]));
  const begin = performance.now(), end = server.shutdown();
  held.resolve();
  assert.match((await whole).text, /^HTTP\/1.1 200 .*connection: close.*\r\n\r\n3$/is);
  await end;
  assert.ok(performance.now() - begin < 30_000, "half a body has 60 s to arrive");
  assert.ok((await half).closed);
});
