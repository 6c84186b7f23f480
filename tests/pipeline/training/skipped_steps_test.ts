import assert from "#assert";
import { SkippedSteps } from "../../../pipeline/training/skipped_steps.ts";

function counter(nonFinite: "stop" | "skip") {
  const lines: string[] = [];
  const diverged = (reason: string, rate: number) => new Error(`${reason}, rate ${rate}`);
  return { lines, skipped: new SkippedSteps({ nonFinite, diverged, log: (line) => lines.push(line) }) };
}

const failed = { loss: NaN, accuracy: 0, skipped: true }, fine = { loss: 1, accuracy: 0, skipped: false };

Deno.test("with `stop` the first step that is not finite stops the run, and says what is not finite", () => {
  const { skipped } = counter("stop");
  skipped.count(1, fine, 0.1);
  assert.throws(() => skipped.count(2, failed, 0.1), /^Error: the loss is NaN at step 2, rate 0\.1$/);
  assert.throws(
    () => skipped.count(2, { ...failed, loss: 3 }, 0.1),
    /^Error: step 2 leads to weights that are not finite, rate 0\.1$/,
  );
});

Deno.test("with `skip` each skipped step is warned of", () => {
  const { skipped, lines } = counter("skip");
  skipped.count(1, failed, 0.1);
  skipped.count(2, fine, 0.1);
  assert.deepEqual(lines, ["warning: the loss is NaN at step 1, with learning rate 0.1; the step is skipped"]);
});

Deno.test("the tenth skipped step in a row stops the run; a step that is taken begins the count anew", () => {
  const { skipped } = counter("skip");
  for (let step = 1; step <= 9; step++) skipped.count(step, failed, 0.1);
  skipped.count(10, fine, 0.1);
  for (let step = 11; step <= 19; step++) skipped.count(step, failed, 0.1);
  assert.throws(() => skipped.count(20, failed, 0.1), /at step 20, after 9 skipped steps in a row/);
});
