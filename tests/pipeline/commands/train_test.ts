import assert from "#assert";
import { train } from "../../../pipeline/commands/train.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("after training the report is written; both are up to date then", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const { report } = await train.run(configuration, testContext());
    assert.equal(report, runPaths(configuration).report);
    assert.match(await Deno.readTextFile(runPaths(configuration).report), /^<!doctype html>/i);
    const again = testContext();
    await train.run(configuration, again);
    assert.deepEqual(again.lines, ["train: up to date", "report: up to date"]);
  }));

Deno.test("a damaged file beside the run costs the report, not the training", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await Deno.mkdir(runPaths(configuration).folder, { recursive: true });
    await Deno.writeTextFile(runPaths(configuration).evaluation, "{}");
    const context = testContext();
    const { step, report } = await train.run(configuration, context);
    assert.deepEqual({ step, report }, { step: 1, report: null });
    assert.match(context.lines.join("\n"), /warning: no report was written: .*evaluation\.json/);
  }));

Deno.test("--resume and --force together are refused, and change nothing", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await train.run(configuration, testContext());
    const before = await Deno.readFile(runPaths(configuration).last);
    await assert.rejects(
      train.run({ ...configuration, maxSteps: 2 }, testContext({ resume: true, force: true })),
      /^UsageError: --resume continues the run and --force begins it again; leave one of them out$/,
    );
    assert.deepEqual(await Deno.readFile(runPaths(configuration).last), before);
  }));
