import assert from "#assert";
import { EngineUnavailableError } from "../../../engine/engine.ts";
import { requireTool, runTool } from "../../../engine/setup/tool.ts";

Deno.test("a missing program gives undefined, or one sentence if it is required", async () => {
  assert.equal(await runTool("no-such-program", []), undefined);
  await assert.rejects(
    requireTool(["no-such-program"], "building", "install it"),
    new EngineUnavailableError("building needs no-such-program, which is not installed; install it"),
  );
});

Deno.test("a failing program gives one sentence with its line that names an error", async () => {
  const script = "echo begun >&2; echo 'ERROR: no space left' >&2; echo cleaning >&2; exit 3";
  await assert.rejects(
    requireTool(["/bin/sh", "-c", script], "fetching", "try again"),
    new EngineUnavailableError("fetching: sh failed (ERROR: no space left); try again"),
  );
});

Deno.test("a program that succeeds gives its output", async () => {
  const result = await requireTool(["/bin/sh", "-c", "echo out; echo more >&2"], "asking", "try again");
  assert.deepEqual(result, { success: true, output: "out", message: "more" });
});

Deno.test("a program ends when the command is stopped", async () => {
  const abort = new AbortController();
  const running = runTool("/bin/sh", ["-c", "exec sleep 60"], { signal: abort.signal });
  abort.abort(new Error("stopped by SIGINT"));
  await assert.rejects(running, /stopped by SIGINT/);
});
