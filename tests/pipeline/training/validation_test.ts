import assert from "#assert";
import { selectEngine } from "../../../engine/select.ts";
import { alone } from "../../../engine/distributed/process_group.ts";
import { Classifier } from "../../../pipeline/evaluation/classifier.ts";
import { type Team, teamOf } from "../../../pipeline/training/team.ts";
import { validate } from "../../../pipeline/training/validation.ts";
import { assertClose } from "../../support/assert_close.ts";
import { firstPixels, rowsDataset } from "../../support/first_pixels.ts";
import { virtualProcesses } from "../../support/virtual_processes.ts";

const never = new AbortController().signal;
const dataset = rowsDataset([0, 30, 200, 100, 90, 10], [0, 1, 0]);

async function validated(team: Team) {
  const { engine } = await selectEngine("cpu");
  await using classifier = new Classifier(engine, firstPixels, dataset.imageShape);
  const progress: number[] = [];
  const onProgress = (images: number) => progress.push(images);
  return { ...await validate(classifier, {}, dataset, dataset.test, team, { signal: never, onProgress }), progress };
}

Deno.test("loss and accuracy are means over the split", async () => {
  // Logits are red / 255; the classes are 0, 1, 0.
  const loss = (own: number, other: number) => Math.log(1 + Math.exp((other - own) / 255));
  const { loss: mean, accuracy, progress } = await validated(teamOf(alone, never));
  assertClose([mean], [(loss(0, 30) + loss(100, 200) + loss(90, 10)) / 3], 1e-6);
  assertClose([accuracy], [1 / 3], 1e-12);
  assert.equal(progress.at(-1), 3);
});

Deno.test("processes share the split; all get the result of one, even one without images", async () => {
  const one = await validated(teamOf(alone, never));
  for (const size of [2, 4]) {
    const results = await Promise.all(virtualProcesses(size).map((group) => validated(teamOf(group, never))));
    for (const { loss, accuracy } of results) assertClose([loss, accuracy], [one.loss, one.accuracy], 1e-6);
  }
});

Deno.test("the balanced measures count both classes alike, in one process and in several", async () => {
  // Of the two images of class 0 one is right; the image of class 1 is taken for 0.
  const balancedAccuracy = (1 / 2 + 0) / 2, f1 = 2 * (1 / 2) * (1 / 2) / (1 / 2 + 1 / 2);
  const ofAll = [teamOf(alone, never), ...virtualProcesses(2).map((group) => teamOf(group, never))];
  for (const result of await Promise.all(ofAll.map(validated))) {
    assertClose([result.balancedAccuracy, result.macroF1], [balancedAccuracy, f1 / 2], 1e-9);
  }
});
