import assert from "#assert";
import { hostStatus, type Limits, LiveServer, type Site } from "../../../pipeline/report/live_server.ts";
import { sendRaw } from "../../support/raw_http.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** No connection is idle for so long in a test, however busy the machine is. */
const quick = { look: 20, unread: 3, idle: 60_000 };
const never = new Promise<never>(() => {});

async function inServer(
  run: (port: number) => Promise<void>,
  site: Partial<Site> = {},
  limits: Limits = quick,
): Promise<void> {
  const none = () => Promise.resolve([]);
  const server = new LiveServer(
    { pages: { "/": () => Promise.resolve("page") }, begin: none, look: none, ...site },
    limits,
  );
  const url = new URL(await server.listen(0));
  try {
    await run(Number(url.port));
  } finally {
    await server.close();
  }
}

const get = (port: number, target = "/", host = `127.0.0.1:${port}`) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
/** Waits until there are no more looks: the time of ten passes without one. */
async function untilQuiet(looks: () => number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (let before = -1; before !== looks();) {
    assert.ok(performance.now() < deadline, "there are still looks");
    before = looks();
    await new Promise((resolve) => setTimeout(resolve, 10 * quick.look));
  }
}

const answered = /\r\n\r\n./;

Deno.test("this machine's names are known with the port, which may be left out if it is 80", () => {
  const cases = [
    ["127.0.0.1:8420", 8420, 200],
    ["localhost:8420", 8420, 200],
    ["LOCALHOST:8420", 8420, 200],
    ["127.0.0.1", 80, 200],
    ["localhost:80", 80, 200],
    ["127.0.0.1", 8420, 403],
    ["127.0.0.1:80", 8420, 403],
    ["evil.example:8420", 8420, 403],
    ["127.0.0.1.evil.example:8420", 8420, 403],
    ["[::1]:8420", 8420, 403],
    [undefined, 80, 400],
    ["", 80, 400],
    ["a b", 80, 400],
    ["[::1", 80, 400],
    ["localhost:99999", 80, 400],
    ["user@localhost", 80, 400],
    ["localhost/x", 80, 400],
  ] as const;
  for (const [host, port, status] of cases) assert.equal(hostStatus(host, port), status, `${host}`);
});

Deno.test("heads that are malformed or for others are refused in one line", () =>
  inServer(async (port) => {
    const cases = [
      [get(port), 200],
      [get(port, "/", "a b"), 400],
      [get(port, "/", "evil.example"), 403],
      ["GET / HTTP/1.1\r\n\r\n", 400],
      [get(port, "http://["), 400],
      [get(port, "/toString"), 404],
      [get(port, "/__proto__"), 404],
      [get(port).replace("GET", "POST"), 405],
    ] as const;
    for (const [request, status] of cases) {
      const { text } = await sendRaw(port, request, answered);
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} .*\r\n\r\n[^\n]+\n?$`, "s"), request);
    }
  }));

Deno.test("a page that fails is answered 500, and the others go on", async () => {
  const { error } = console;
  console.error = () => {};
  try {
    const pages = { "/": () => Promise.resolve("page"), "/report": () => Promise.reject(new Error("no disk")) };
    await inServer(async (port) => {
      assert.match((await sendRaw(port, get(port, "/report"), answered)).text, /^HTTP\/1.1 500 .*the report failed/s);
      assert.match((await sendRaw(port, get(port), answered)).text, /^HTTP\/1.1 200 .*page/s);
    }, { pages });
  } finally {
    console.error = error;
  }
});

Deno.test("connections that are idle, or stop in a head, are closed", () =>
  inServer(
    async (port) => {
      const requests = ["", "GET / HT", get(port)];
      for (const { closed } of await Promise.all(requests.map((text) => sendRaw(port, text)))) assert.ok(closed);
    },
    {},
    { ...quick, idle: 400 },
  ));

Deno.test("browsers that listen share each look; without them there is none", async () => {
  let looks = 0, begun = 0;
  const site = {
    begin: () => Promise.resolve([{ event: "state", data: `${++begun}` }]),
    // What is counted are the looks since all three listen.
    look: () => Promise.resolve([{ event: "look", data: begun === 3 ? ++looks : 0 }]),
  };
  await inServer(async (port) => {
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.look));
    assert.equal(looks, 0);
    const listening = [1, 2, 3].map(() => sendRaw(port, get(port, "/events"), /event: look\ndata: [3-9]/));
    for (const { text } of await Promise.all(listening)) {
      assert.match(text, /event: state\ndata: "[123]"\n\n/);
      assert.equal(text.match(/data: 3\n/g)?.length, 1);
    }
    await untilQuiet(() => looks);
  }, site);
});

Deno.test("a browser that does not read is cut off", async () => {
  let looks = 0;
  const data = "x".repeat(1 << 20);
  const look = () => Promise.resolve([{ event: "look", data: `${++looks}${data}` }]);
  await inServer(
    async (port) => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode(get(port, "/events")));
      await waitUntil("the first look", () => looks > 0, never);
      await untilQuiet(() => looks);
    },
    { look },
  );
});
