import assert from "node:assert/strict";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { liveState } from "../../../pipeline/report/live.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { watch } from "../../../pipeline/commands/watch.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("the state of a run: how far, how fast, how long still, and whether it goes on", () => {
  const time = "2024-01-01T00:00:00Z", at = Date.parse(time) + 10_000;
  const begin = { event: "begin", time, engine: "e", step: 10, steps: 50, stepsPerEpoch: 10, batch: 8 } as const;
  const steps = [{ step: 30, loss: 1.5, accuracy: 0.5, learningRate: 0.1 }];
  const run = { steps, epochs: [], sessions: [{ begin }], configuration: { epochs: 5 } } as unknown as RunData;
  assert.deepEqual(liveState(run, at, at), {
    done: 0.6,
    words: "training · step 30 of 50 · epoch 0 of 5 · loss 1.5000 · 16.0 images/s · 10s left",
  });
  assert.match(liveState(run, at, at + 120_000).words, /no news for 2m00s$/);
  const end = { event: "end", time, step: 30, seconds: 10, imagesPerSecond: 16 } as const;
  assert.match(liveState({ ...run, sessions: [{ begin, end }] }, at, at).words, /^stopped · step 30 of 50/);
});

Deno.test("a run is served on loopback: the page, its changes as events, nothing to other hosts", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2, port: 0 });
    const stop = new AbortController();
    const listening = Promise.withResolvers<string>();
    const context = testContext({ signal: stop.signal, print: (text) => listening.resolve(text.split(" ")[0]!) });
    const done = watch.run(configuration, context);
    const url = await listening.promise;
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(
      await (await fetch(url)).text(),
      /config\.json does not exist; run `deno task train --run tiny` first/,
    );

    const events = (await fetch(`${url}events`)).body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    let text = "";
    const until = async (says: RegExp) => {
      while (!says.test(text)) text += (await events.next()).value;
    };
    await until(/waiting for the run tiny to begin/);
    await trainStage(configuration, testContext());
    await until(/"done":1,"words":"done · step 2 of 2/);
    await until(/event: report/);
    const page = await fetch(url);
    assert.match(await page.text(), /Learning curves/);

    for (const [path, options, status] of [["x", {}, 404], ["", { method: "POST" }, 405]] as const) {
      const response = await fetch(url + path, options);
      await response.body?.cancel();
      assert.equal(response.status, status);
    }
    stop.abort();
    await events.return?.();
    assert.deepEqual(await done, { url });
    assert.ok((await Deno.stat(runPaths(configuration).metrics)).isFile);
  }));
