import assert from "#assert";
import { FirstStep } from "../../../pipeline/training/first_step.ts";

function measured(start: number, ...times: number[]): FirstStep {
  const first = new FirstStep(start, () => times.shift()!);
  first.begins();
  return first;
}

Deno.test("the first step is counted from the start, and its own time apart", () => {
  const first = measured(1000, 3500, 7250);
  assert.equal(first.seconds, undefined);
  assert.equal(first.ends(), true);
  assert.equal(first.seconds, 6.25);
  assert.equal(`${first}`, "first step after 6.3 s: 2.5 s of start, 3.8 s of the step");
});

Deno.test("later steps change nothing", () => {
  const first = measured(0, 1000, 2000, 9000);
  first.ends();
  first.begins();
  assert.equal(first.ends(), false);
  assert.equal(first.seconds, 2);
});
