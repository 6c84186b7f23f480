/** Downloads against a server on loopback that misbehaves as real ones do. */
import assert from "#assert";
import { createHash } from "node:crypto";
import { fetchFile, type FetchOptions } from "../../../data/files/fetch_file.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

const next = uniformNumbers(3);
const content = Uint8Array.from({ length: 200_000 }, () => 256 * next());
const expected = { bytes: content.length, md5: createHash("md5").update(content).digest("hex") };
const etag = '"1"';

/** `arrived` resolves when the download has so many bytes. */
type Handler = (
  request: Request,
  attempt: number,
  arrived: (bytes: number) => Promise<void>,
) => Response | Promise<Response>;

/** The part that is there before: its bytes, or a folder of its name. */
type Before = { readonly part: Uint8Array; readonly version?: string } | { readonly folder: true };

/** Serves while a download runs; gives what it wrote, and the Range header of each request. */
async function download(handler: Handler, options: FetchOptions = {}, before?: Before) {
  const ranges: (string | null)[] = [];
  let file: Uint8Array | undefined, left: string[] = [], failure: unknown;
  let waiting: { readonly bytes: number; readonly resolve: () => void } | undefined;
  const arrived = (bytes: number) => new Promise<void>((resolve) => waiting = { bytes, resolve });
  const onProgress = (bytes: number, total: number | undefined) => {
    options.onProgress?.(bytes, total);
    if (waiting && bytes >= waiting.bytes) waiting.resolve();
  };
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
  }, (request) => {
    ranges.push(request.headers.get("range"));
    return handler(request, ranges.length, arrived);
  });
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/file.bin`;
    if (before && "folder" in before) await Deno.mkdir(`${path}.part/full`, { recursive: true });
    else if (before) {
      await Deno.writeFile(`${path}.part`, before.part);
      if (before.version) await Deno.writeTextFile(`${path}.part.version`, before.version);
    }
    try {
      await fetchFile(`http://127.0.0.1:${server.addr.port}/file.bin`, path, {
        pause: 1,
        retries: 3,
        ...options,
        onProgress,
      });
    } catch (error) {
      failure = error;
    }
    file = await Deno.readFile(path).catch(() => undefined);
    left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  });
  await server.shutdown();
  return { file, left, ranges, failure };
}

const whole = (): Response => new Response(content, { headers: { etag } });

/** Answers a Range request with the rest, any other with all. */
const ranged = (request: Request): Response => {
  const begin = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? NaN);
  if (Number.isNaN(begin)) return new Response(content, { headers: { etag } });
  const headers = { etag, "content-range": `bytes ${begin}-${content.length - 1}/${content.length}` };
  return new Response(content.slice(begin), { status: 206, headers });
};

/** Sends some bytes, and breaks the connection when they have arrived. */
const broken = (bytes: number, arrived: (bytes: number) => Promise<void>): Response => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(content.slice(0, bytes));
      arrived(bytes).then(() => controller.error(new Error("broken")));
    },
  });
  return new Response(body, { headers: { etag } });
};

function assertRefused(failure: unknown, says: RegExp): void {
  assert.ok(failure instanceof InputError, `${failure}`);
  assert.match(failure.message, says);
}

Deno.test("a connection ends if its bytes cannot be written", async () => {
  const ended = Promise.withResolvers<string>();
  const endless: Handler = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(content),
        cancel: () => ended.resolve("cancelled"),
      }),
      { headers: { etag } },
    );
  // A folder cannot be opened as a file.
  const { failure } = await download(endless, { retries: 0 }, { folder: true });
  assertRefused(failure, /^cannot write .*file\.bin: it is a folder$/);
  assert.equal(await ended.promise, "cancelled");
});

Deno.test("a file is downloaded, reported and checked", async () => {
  const seen: number[] = [];
  const { file, left, failure } = await download(whole, { expected, onProgress: (bytes) => seen.push(bytes) });
  assert.equal(failure, undefined);
  assert.deepEqual(file, content);
  assert.deepEqual(left, ["file.bin"]);
  assert.equal(seen.at(-1), content.length);
});

Deno.test("an existing file that is the expected one is not requested again", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeFile(`${folder}/file.bin`, content);
    await fetchFile("http://127.0.0.1:9/nobody", `${folder}/file.bin`, { expected, retries: 0 });
    assert.deepEqual(await Deno.readFile(`${folder}/file.bin`), content);
  }));

Deno.test("the rest is requested after a break", async () => {
  const { file, ranges } = await download(
    (request, attempt, arrived) => attempt === 1 ? broken(50_000, arrived) : ranged(request),
    { expected },
  );
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, [null, "bytes=50000-"]);
});

Deno.test("a server that ignores Range sends everything again", async () => {
  const { file, ranges } = await download(
    (_, attempt, arrived) => attempt === 1 ? broken(50_000, arrived) : whole(),
    { expected },
  );
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 2);
});

Deno.test("a later call continues the part of an earlier one", async () => {
  const { file, ranges } = await download(ranged, { expected }, { part: content.slice(0, 70_000), version: etag });
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, ["bytes=70000-"]);
});

Deno.test("a part of unknown version is not continued without a digest to check it", async () => {
  const { file, ranges } = await download(ranged, {}, { part: new Uint8Array(70_000) });
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, [null]);
});

Deno.test("a range from another place than asked for is not appended", async () => {
  const wrong = new Response(content.slice(10), {
    status: 206,
    headers: { etag, "content-range": "bytes 10-199999/200000" },
  });
  const { file } = await download(
    (request, attempt, arrived) => attempt === 1 ? broken(50_000, arrived) : attempt === 2 ? wrong : ranged(request),
    { expected },
  );
  assert.deepEqual(file, content);
});

Deno.test("5xx and 429 are retried", async () => {
  const { file, ranges } = await download((_, attempt) =>
    attempt < 3 ? new Response(null, { status: [503, 429][attempt - 1]! }) : whole()
  );
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 3);
});

Deno.test("a server that keeps failing ends the download, and the part is kept", async () => {
  const { file, left, ranges, failure } = await download(
    (_, attempt, arrived) => attempt === 1 ? broken(50_000, arrived) : new Response(null, { status: 500 }),
    { retries: 2 },
  );
  assertRefused(failure, /the server answered 500; run the command again to continue/);
  assert.equal(file, undefined);
  assert.deepEqual(left, ["file.bin.part", "file.bin.part.version"]);
  assert.equal(ranges.length, 3);
});

Deno.test("a pause that the server requests is kept", async () => {
  const dates: number[] = [];
  const { file } = await download((_, attempt) => {
    dates.push(Date.now());
    const headers = { "retry-after": attempt === 1 ? "1" : new Date(Date.now() + 1000).toUTCString() };
    return attempt < 3 ? new Response(null, { status: 429, headers }) : whole();
  });
  assert.deepEqual(file, content);
  // The clock of dates is not that of timers.
  assert.ok(dates[1]! - dates[0]! >= 950);
});

Deno.test("redirects are followed, but not in circles", async () => {
  const at = (request: Request) => new URL(request.url).pathname;
  const moved = await download(
    (request) =>
      at(request) === "/file.bin" ? new Response(null, { status: 302, headers: { location: "/other.bin" } }) : whole(),
    { expected },
  );
  assert.deepEqual(moved.file, content);
  const circle = await download(() => new Response(null, { status: 302, headers: { location: "/file.bin" } }));
  assertRefused(circle.failure, /it redirects in circles/);
  assert.deepEqual(circle.left, []);
});

/** Answers on a connection of its own, so that it can say one length and send another. */
function rawServer(answer: string, body: Uint8Array): { port: number; close(): Promise<void> } {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const served = (async () => {
    for await (const connection of listener) {
      try {
        await connection.read(new Uint8Array(4096));
        await connection.write(new TextEncoder().encode(answer));
        const writer = connection.writable.getWriter();
        await writer.write(body);
        await writer.close();
      } catch {
        // The other side has hung up.
      }
    }
  })();
  const close = async () => {
    listener.close();
    await served;
  };
  return { port: (listener.addr as Deno.NetAddr).port, close };
}

const lengths: Record<string, { length: string; expected?: typeof expected; says: RegExp }> = {
  "longer than what it sends": { length: "Content-Length: 300000\r\n", says: /cannot download/ },
  "shorter than the file": {
    length: "Content-Length: 100000\r\n",
    expected,
    says: /has 100000 bytes, expected 200000 bytes; it is not the file that was published/,
  },
  "that it does not tell, and a file cut off": {
    length: "",
    expected: { ...expected, bytes: 250_000 },
    says: /the connection ended after 200000 of 250000 bytes/,
  },
};

for (const [what, { length, expected, says }] of Object.entries(lengths)) {
  Deno.test(`refused: a server with a length ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      const server = rawServer(`HTTP/1.1 200 OK\r\n${length}Connection: close\r\n\r\n`, content);
      const url = `http://127.0.0.1:${server.port}/file.bin`;
      const options = { pause: 1, retries: 1, ...(expected && { expected }) };
      await assert.rejects(fetchFile(url, `${folder}/file.bin`, options), (error) =>
        error instanceof InputError && says.test(error.message));
      await assert.rejects(Deno.stat(`${folder}/file.bin`), Deno.errors.NotFound);
      await server.close();
    }));
}

Deno.test("a file that changes between ranges is begun again, even if the server does not know If-Range", async () => {
  const changed = (request: Request): Response => {
    const begin = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? NaN);
    const headers = { etag: '"2"', "content-range": `bytes ${begin}-${content.length - 1}/${content.length}` };
    return Number.isNaN(begin)
      ? new Response(content, { headers: { etag: '"2"' } })
      : new Response(content.slice(begin), { status: 206, headers });
  };
  const part = new Uint8Array(70_000);
  const { file, ranges } = await download(changed, {}, { part, version: etag });
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, ["bytes=70000-", null]);
});

Deno.test("a part of another version is found by the digest, and begun again once", async () => {
  const { file, ranges } = await download(ranged, { expected }, { part: new Uint8Array(70_000) });
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, ["bytes=70000-", null]);
});

Deno.test("a download requests no compression, and refuses more bytes than allowed", async () => {
  const encodings: (string | null)[] = [];
  const { failure, left } = await download((request) => {
    encodings.push(request.headers.get("accept-encoding"));
    return whole();
  }, { atMost: 100_000 });
  assert.deepEqual(encodings, ["identity"]);
  assertRefused(failure, /has more than the expected 100000 bytes/);
  assert.deepEqual(left, []);
});

Deno.test("404 is refused at once", async () => {
  const { ranges, failure } = await download(() => new Response(null, { status: 404 }));
  assertRefused(failure, /the server answered 404/);
  assert.equal(ranges.length, 1);
});

Deno.test("wrong bytes are refused and removed, both digests named", async () => {
  const { left, failure } = await download(() => new Response(content.toReversed()), { expected });
  assertRefused(
    failure,
    new RegExp(`got 200000 bytes with MD5 [0-9a-f]{32}, expected 200000 bytes with MD5 ${expected.md5}`),
  );
  assert.deepEqual(left, []);
});

Deno.test("more bytes than expected are refused before they fill the disk", async () => {
  const said = await download(() => new Response(new Uint8Array(300_000)), { expected });
  assertRefused(said.failure, /has 300000 bytes, expected 200000 bytes/);
  const unsaid = await download(() => new Response(new Blob([new Uint8Array(300_000)]).stream()), { expected });
  assertRefused(unsaid.failure, /has more than the expected 200000 bytes/);
  assert.deepEqual([...said.left, ...unsaid.left], []);
});

Deno.test("a body that stalls is requested again", async () => {
  const stalled = () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(content.slice(0, 1000)) }), {
      headers: { etag },
    });
  const { file, ranges } = await download((request, attempt) => attempt === 1 ? stalled() : ranged(request), {
    expected,
    stall: 3000,
  });
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 2);
});

Deno.test("a signal stops a download and keeps the part", async () => {
  const abort = new AbortController();
  const reason = new Error("stopped");
  const endless = () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(content.slice(0, 1000)) }), {
      headers: { etag },
    });
  const { left, failure } = await download(endless, { signal: abort.signal, onProgress: () => abort.abort(reason) });
  assert.equal(failure, reason);
  assert.deepEqual(left, ["file.bin.part", "file.bin.part.version"]);
});
