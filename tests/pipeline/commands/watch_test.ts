import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { watch } from "../../../pipeline/commands/watch.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

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
      /config\.json does not exist; run `deno task train --run tiny --runs \S+` first/,
    );

    const events = (await fetch(`${url}events`)).body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    let text = "";
    const until = async (says: RegExp) => {
      while (!says.test(text)) {
        const { value, done } = await events.next();
        assert.ok(!done, `the events ended before ${says}: ${text}`);
        text += value;
      }
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

Deno.test("a port in use is named, with what to do", () =>
  inTemporaryFolder(async (folder) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const configuration = await tinyRun(folder, { port });
    await assert.rejects(
      async () => await watch.run(configuration, testContext()),
      new InputError(`--port: ${port} is in use; choose another, or 0 for one that is free`),
    );
  }));
