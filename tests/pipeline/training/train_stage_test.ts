import assert from "#assert";
import { lockFolder } from "../../../data/files/folder_lock.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { readSessions, type Session } from "../../../pipeline/run/session_log.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { trainInTeam, trainStage } from "../../../pipeline/training/train_stage.ts";
import { assertClose } from "../../support/assert_close.ts";
import { metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { virtualProcesses } from "../../support/virtual_processes.ts";

Deno.test("a finished run is up to date", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    const first = await trainStage(configuration, testContext());
    const again = testContext();
    const second = await trainStage(configuration, again);
    assert.deepEqual(again.lines, ["train: up to date"]);
    assert.deepEqual(second, { ...first, upToDate: true });
    assert.deepEqual([first["run"], first["step"], first["epochs"]], ["tiny", 2, 0]);
  }));

Deno.test("the log and sessions.jsonl have the seconds to the first step, and the step's own apart", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    const context = testContext();
    await trainStage(configuration, context);
    const said = context.lines.filter((line) => line.startsWith("train: first step after"));
    assert.equal(said.length, 1);
    const [after, start, step] = [...said[0]!.matchAll(/([\d.]+) s/g)].map(([, seconds]) => Number(seconds));
    assertClose([start! + step!], [after!], 0.11, "the sum, each rounded to 0.1");
    const [{ end }] = await readSessions(runPaths(configuration).sessions) as [Session];
    assertClose([end!.secondsToFirstStep!], [after!], 0.051, "sessions.jsonl");
  }));

Deno.test("config.json has the configuration of the run, for one process", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    const written = JSON.parse(await Deno.readTextFile(runPaths(configuration).configuration));
    assert.deepEqual(written, { ...configuration, distributed: "none" });
  }));

Deno.test("a step that is known without a trace trains to the same bytes", () =>
  inTemporaryFolder(async (folder) => {
    const checkpoints = [];
    for (const run of ["traced", "known"]) {
      const configuration = await tinyRun(folder, { run, maxSteps: 2 });
      // A cache of its own, so that the first run traces.
      if (run === "traced") await Deno.remove(`${configuration.cache}/sessions`);
      await trainStage(configuration, testContext());
      checkpoints.push(await Deno.readFile(runPaths(configuration).last));
    }
    assert.deepEqual(checkpoints[1], checkpoints[0]);
    const names = await Array.fromAsync(Deno.readDir(`${folder}/cache/sessions`), ({ name }) => name);
    assert.equal(names.filter((name) => name.endsWith(".json")).length, 1);
  }));

Deno.test("while one process trains a run, another is refused, and what killed writers left is removed", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const run = `${folder}/runs/tiny`;
    const leftover = `${run}/checkpoints/last.safetensors.${crypto.randomUUID()}.part`;
    await Deno.mkdir(`${run}/checkpoints`, { recursive: true });
    await Deno.writeTextFile(leftover, "");
    {
      using _other = await lockFolder(run, "another");
      await assert.rejects(
        trainStage(configuration, testContext()),
        (error) =>
          error instanceof InputError && /another process works in .*tiny \(another, process \d+\)/.test(error.message),
      );
    }
    await trainStage(configuration, testContext());
    await assert.rejects(Deno.stat(leftover), Deno.errors.NotFound);
  }));

Deno.test("two processes log what one does, and rank 0 alone has a result", () =>
  inTemporaryFolder(async (folder) => {
    const fields = { learningRate: 0.01, batch: 12 };
    const alone = await tinyRun(folder, { run: "alone", ...fields });
    await trainStage(alone, testContext());
    const team = await tinyRun(folder, { run: "team", ...fields });
    const never = new AbortController().signal;
    const results = await Promise.all(
      virtualProcesses(2).map((group) => trainInTeam(team, testContext(), teamOf(group, never))),
    );
    assert.deepEqual(results.map(({ step }) => step), [6, undefined]);
    const [one, two] = [await metricsOf(alone), await metricsOf(team)];
    assert.equal(two.length, one.length);
    one.forEach((line, at) => assertClose(Object.values(two[at]!), Object.values(line), 1e-3, `line ${at}, number`));
  }));
