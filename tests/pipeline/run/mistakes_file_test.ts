import assert from "#assert";
import { mistakesIfThere, namedMistakes, writeMistakes } from "../../../pipeline/run/mistakes_file.ts";
import type { Evaluation } from "../../../pipeline/run/evaluation_file.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const evaluation = {
  ...{ dataset: "pets", checkpoint: "best", checkpointDigest: "d", images: 9 },
  mistakes: [
    { image: 2, actual: 0, predicted: 1, confidence: 0.75, actualProbability: 0.25 },
    { image: 0, actual: 1, predicted: 0, confidence: 0.5, actualProbability: 0.5 },
  ],
} as unknown as Evaluation;
const labels = ["cat", "@dog"];

Deno.test("a mistake is named by the place of its picture in the test split", () => {
  const names = { folder: "/pets", train: [], test: ["test/a.png", "test/b.png", "test/c.png"] };
  const { folder, mistakes } = namedMistakes(evaluation, { labels }, names);
  assert.equal(folder, "/pets");
  assert.deepEqual(mistakes.map(({ file, actual, predicted }) => [file, actual, predicted]), [
    ["test/c.png", "cat", "@dog"],
    ["test/a.png", "@dog", "cat"],
  ]);
});

Deno.test("both files have every mistake, and names of files are data, not formulas", () =>
  inTemporaryFolder(async (folder) => {
    const paths = runPaths({ runs: folder, run: "r" });
    assert.equal(await mistakesIfThere(paths), undefined);
    const names = { folder: "/pets", train: [], test: ["=cmd|' /C calc'!A0.png", "b", 'c,"d"\n.png'] };
    const mistakes = namedMistakes(evaluation, { labels }, names);
    await writeMistakes(paths, mistakes);
    assert.deepEqual(await mistakesIfThere(paths), mistakes);
    assert.equal(
      await Deno.readTextFile(paths.mistakesTable),
      "file,image,actual,predicted,probability,actual_probability\r\n" +
        `"c,""d""\n.png",2,cat,'@dog,0.75,0.25\r\n` + `'=cmd|' /C calc'!A0.png,0,'@dog,cat,0.5,0.5\r\n`,
    );
  }));
