import assert from "#assert";
import { fetchPicture } from "../../data/fetch_picture.ts";

/** Runs a test beside a server. */
async function beside(answer: () => Response | Promise<Response>, test: (url: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  try {
    await test(`http://127.0.0.1:${server.addr.port}/a.png`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a picture arrives whole", () =>
  beside(() => new Response(Uint8Array.of(1, 2, 3)), async (url) => {
    assert.deepEqual(await fetchPicture(url), Uint8Array.of(1, 2, 3));
    assert.deepEqual(await fetchPicture(url, { most: 3 }), Uint8Array.of(1, 2, 3));
  }));

Deno.test("more bytes than allowed and an error of the server are refused", async () => {
  await beside(
    () => new Response(new Uint8Array(4)),
    (url) => assert.rejects(fetchPicture(url, { most: 3 }), /it has more than 3 bytes/),
  );
  await beside(
    () => new Response("no", { status: 404, statusText: "Not Found" }),
    (url) => assert.rejects(fetchPicture(url), /the server answers 404 Not Found/),
  );
});

Deno.test("a server that does not answer in time, and a signal, end the wait", () => {
  const waiting = Promise.withResolvers<Response>();
  return beside(() => waiting.promise, async (url) => {
    await assert.rejects(fetchPicture(url, { timeout: 50 }), /it did not come in 0\.05 s/);
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(fetchPicture(url, { signal }), /^Error: stopped$/);
    waiting.resolve(new Response());
  });
});

Deno.test("the connection of an answer that is refused ends", async () => {
  for (const status of [200, 404]) {
    const ended = Promise.withResolvers<boolean>();
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
          cancel: () => ended.resolve(true),
        }),
        { status },
      );
    await beside(endless, async (url) => {
      await assert.rejects(fetchPicture(url, { most: 100_000 }));
      assert.ok(await ended.promise);
    });
  }
});
