/** Downloads against a server on loopback that misbehaves as real ones do. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fetchFile, type FetchOptions } from "../../data/fetch_file.ts";
import { InputError } from "../../data/input_error.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

const next = uniformNumbers(3);
const content = Uint8Array.from({ length: 200_000 }, () => 256 * next());
const expected = { bytes: content.length, md5: createHash("md5").update(content).digest("hex") };
const etag = '"1"';

type Handler = (request: Request, attempt: number) => Response | Promise<Response>;

/** Serves while a download runs; gives what it wrote, and the Range header of each request. */
async function download(handler: Handler, options: FetchOptions = {}, before?: { part: Uint8Array; version?: string }) {
  const ranges: (string | null)[] = [];
  let file: Uint8Array | undefined, left: string[] = [], failure: unknown;
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
  }, (request) => {
    ranges.push(request.headers.get("range"));
    return handler(request, ranges.length);
  });
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/file.bin`;
    if (before) {
      await Deno.writeFile(`${path}.part`, before.part);
      if (before.version) await Deno.writeTextFile(`${path}.part.version`, before.version);
    }
    try {
      await fetchFile(`http://127.0.0.1:${server.addr.port}/file.bin`, path, { pause: 1, retries: 3, ...options });
    } catch (error) {
      failure = error;
    }
    file = await Deno.readFile(path).catch(() => undefined);
    left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  });
  await server.shutdown();
  return { file, left, ranges, failure };
}

const whole: Handler = () => new Response(content, { headers: { etag } });

/** Answers a Range request with the rest, any other with all. */
const ranged: Handler = (request) => {
  const begin = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? NaN);
  if (Number.isNaN(begin)) return new Response(content, { headers: { etag } });
  const headers = { etag, "content-range": `bytes ${begin}-${content.length - 1}/${content.length}` };
  return new Response(content.slice(begin), { status: 206, headers });
};

/** Sends some bytes and breaks the connection. */
const broken = (bytes: number): Response => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(content.slice(0, bytes));
      setTimeout(() => controller.error(new Error("broken")), 20);
    },
  });
  return new Response(body, { headers: { etag } });
};

function assertRefused(failure: unknown, says: RegExp): void {
  assert.ok(failure instanceof InputError, `${failure}`);
  assert.match(failure.message, says);
}

Deno.test("a file is downloaded, reported and checked", async () => {
  const seen: number[] = [];
  const { file, left, failure } = await download(whole, { expected, onProgress: (bytes) => seen.push(bytes) });
  assert.equal(failure, undefined);
  assert.deepEqual(file, content);
  assert.deepEqual(left, ["file.bin"]);
  assert.equal(seen.at(-1), content.length);
});

Deno.test("a file that is there and is what is expected is not asked for again", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeFile(`${folder}/file.bin`, content);
    await fetchFile("http://127.0.0.1:9/nobody", `${folder}/file.bin`, { expected, retries: 0 });
    assert.deepEqual(await Deno.readFile(`${folder}/file.bin`), content);
  }));

Deno.test("after a break the rest is asked for", async () => {
  const { file, ranges } = await download(
    (request, attempt) => attempt === 1 ? broken(50_000) : ranged(request, attempt),
    { expected },
  );
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, [null, "bytes=50000-"]);
});

Deno.test("a server that ignores Range sends everything again", async () => {
  const { file, ranges } = await download(
    (request, attempt) => attempt === 1 ? broken(50_000) : whole(request, attempt),
    { expected },
  );
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 2);
});

Deno.test("a later call goes on from what an earlier one left", async () => {
  const { file, ranges } = await download(ranged, { expected }, { part: content.slice(0, 70_000), version: etag });
  assert.deepEqual(file, content);
  assert.deepEqual(ranges, ["bytes=70000-"]);
});

Deno.test("a part of unknown version is not continued where nothing would tell that it is another's", async () => {
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
    (request, attempt) => attempt === 1 ? broken(50_000) : attempt === 2 ? wrong : ranged(request, attempt),
    { expected },
  );
  assert.deepEqual(file, content);
});

Deno.test("5xx and 429 are tried again", async () => {
  const { file, ranges } = await download((request, attempt) =>
    attempt < 3 ? new Response(null, { status: [503, 429][attempt - 1]! }) : whole(request, attempt)
  );
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 3);
});

Deno.test("a server that keeps failing is given up, and what came is kept", async () => {
  const { file, left, ranges, failure } = await download(
    (_, attempt) => attempt === 1 ? broken(50_000) : new Response(null, { status: 500 }),
    { retries: 2 },
  );
  assertRefused(failure, /the server answered 500; run the command again to continue/);
  assert.equal(file, undefined);
  assert.deepEqual(left, ["file.bin.part", "file.bin.part.version"]);
  assert.equal(ranges.length, 3);
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
  const { left, failure } = await download(() => new Response(new Uint8Array(300_000)), { expected });
  assertRefused(failure, /has more than the expected 200000 bytes/);
  assert.deepEqual(left, []);
});

Deno.test("a body that stalls is tried again", async () => {
  const stalled = () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(content.slice(0, 1000)) }), {
      headers: { etag },
    });
  const { file, ranges } = await download((request, attempt) => attempt === 1 ? stalled() : ranged(request, attempt), {
    expected,
    stall: 50,
  });
  assert.deepEqual(file, content);
  assert.equal(ranges.length, 2);
});

Deno.test("a signal stops a download and keeps what came", async () => {
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
