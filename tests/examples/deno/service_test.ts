import assert from "#assert";
import { useCpu } from "../../support/eager.ts";
import { likeliest, png, writeHubFolder } from "../../support/hub_folder.ts";
import { inService } from "../../support/in_service.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

await useCpu();

const post = (url: string, body: BodyInit, type = "image/png") =>
  fetch(`${url}/classify`, { method: "POST", body, headers: { "content-type": type } });

Deno.test("the service classifies pictures that come together, each as its own", () =>
  inService(async (url) => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    const answers = await Promise.all(seeds.map(async (seed) => await (await post(url, await png(seed))).json()));
    for (const seed of seeds) {
      const { label, probability } = await likeliest(seed);
      const [first] = answers[seed].classes;
      assert.equal(first.label, label);
      assert.ok(Math.abs(first.probability - probability) < 1e-4);
    }
  }));

Deno.test("the service refuses what is no picture, too large or elsewhere, and goes on", () =>
  inService(async (url) => {
    const refused = async (response: Promise<Response>, status: number, says: RegExp) => {
      const answer = await response;
      assert.equal(answer.status, status);
      assert.match((await answer.json()).error, says);
    };
    await refused(post(url, "no picture"), 415, /no picture of a known format/);
    await refused(
      post(url, new Uint8Array([0x89, ...new TextEncoder().encode("PNG\r\n")])),
      415,
      /that can be decoded/,
    );
    await refused(post(url, "{}", "application/json"), 415, /content-type is "application\/json"/);
    await refused(post(url, new Uint8Array(9 << 20)), 413, /at most 8388608 bytes/);
    const endless = ReadableStream.from((async function* () {
      for (let at = 0; at < 9; at++) yield new Uint8Array(1 << 20);
    })());
    await refused(post(url, endless), 413, /at most 8388608 bytes/);
    await refused(fetch(`${url}/classify`), 405, /POST/);
    await refused(fetch(`${url}/elsewhere`), 404, /classify/);
    assert.deepEqual(await (await fetch(`${url}/health`)).json(), { ok: true });
    assert.equal((await (await post(url, await png(1))).json()).classes.length, 3);
  }));

Deno.test("types of pictures are read without regard to case and parameters", () =>
  inService(async (url) => {
    for (const type of ["IMAGE/PNG", "image/png; charset=binary"]) {
      const response = await post(url, await png(1), type);
      assert.equal(response.status, 200, type);
      await response.body?.cancel();
    }
  }));

Deno.test("the counters tell requests by route and status, batches and images", () =>
  inService(async (url) => {
    for (const body of [await png(1), "no picture"]) await (await post(url, body)).body?.cancel();
    await (await fetch(`${url}/${"x".repeat(9)}`)).body?.cancel();
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = [
      `requests_total{route="/classify",status="200"} 1`,
      `requests_total{route="/classify",status="415"} 1`,
      `requests_total{route="other",status="404"} 1`,
      "batches_total 1",
      "images_total 1",
      "requests 0",
    ];
    for (const line of lines) assert.ok(text.includes(`shakenet_${line}\n`), line);
  }));

Deno.test({
  name: "the service ends when it is told to, with exit code 0",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await writeHubFolder(folder);
      const args = ["run", "--no-check", "-A", "examples/deno/service.ts", folder, "0"];
      const service = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
      const reader = service.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      const url = /http:\/\/\S+(?=\/classify)/.exec(value ?? "")![0];
      assert.equal((await post(url, await png(1))).status, 200);
      service.kill("SIGTERM");
      assert.equal((await service.status).code, 0);
      await reader.cancel();
    }),
});
