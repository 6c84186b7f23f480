import assert from "#assert";
import { correlate } from "../../../pipeline/commands/correlate.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("the correlations of two runs are written side by side, as JSON and as a figure", () =>
  inTemporaryFolder(async (folder) => {
    const shaken = await tinyRun(folder, { maxSteps: 2 });
    const even = await tinyRun(folder, { maxSteps: 2, run: "even", shake: "even-even-batch" });
    for (const run of [shaken, even]) await train.run(run, testContext());
    await correlate.run({ ...shaken, compare: "even" }, testContext());
    const { branchCorrelation, branchCorrelationFigure } = runPaths(shaken);
    const written = JSON.parse(await Deno.readTextFile(branchCorrelation));
    const heads = written.map(({ run, shake, images }: Record<string, unknown>) => [run, shake, images]);
    assert.deepEqual(heads, [["tiny", "shake-shake-image", 20], ["even", "even-even-batch", 20]]);
    for (const { blocks } of written) {
      assert.deepEqual(blocks.map(({ block }: { block: string }) => block), [
        "stage1/block1",
        "stage2/block1",
        "stage3/block1",
      ]);
      for (const { correlation } of blocks) assert.ok(correlation >= -1 && correlation <= 1);
    }
    const svg = await Deno.readTextFile(branchCorrelationFigure);
    assert.match(svg, /^<svg .*<\/svg>$/s);
    for (const text of ["stage3/block1", "tiny (shake-shake-image)", "even (even-even-batch)"]) {
      assert.ok(svg.includes(text), text);
    }
  }));

Deno.test("a run that is not there is named", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { run: "missing" });
    await assert.rejects(
      correlate.run(configuration, testContext()),
      /missing\/config\.json does not exist; run `deno task train --run missing --runs \S+` first/,
    );
  }));
