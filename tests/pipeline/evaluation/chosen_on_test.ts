import assert from "#assert";
import { chosenOn } from "../../../pipeline/evaluation/chosen_on.ts";

const best = { step: 4, accuracy: 0.5 };
const chosen = (validation: string, checkpoint: string, schedule: "cosine" | "plateau" = "cosine", patience?: number) =>
  chosenOn({ best }, { validation, schedule, patience }, checkpoint);

Deno.test("the best checkpoint is chosen on the images of the validation; the last one on none", () => {
  assert.deepEqual(["0.1", "500", "test", "none"].map((validation) => chosen(validation, "best")), [
    ...["validation", "validation", "test", "none"],
  ]);
  for (const validation of ["0.1", "test"]) {
    assert.deepEqual(["last", "previous"].map((checkpoint) => chosen(validation, checkpoint)), ["none", "none"]);
  }
});

Deno.test("a file that is named may be chosen by its validation", () =>
  assert.equal(chosen("test", "runs/a/checkpoints/epoch-0003.safetensors"), "test"));

Deno.test("schedule plateau follows the validation, so it chooses the last checkpoint too", () =>
  assert.equal(chosen("test", "last", "plateau"), "test"));

Deno.test("--patience ends the run by its validation, so it chooses the last checkpoint too", () =>
  assert.equal(chosen("test", "last", "cosine", 5), "test"));

Deno.test("before the first validation, nothing is chosen", () =>
  assert.equal(
    chosenOn({ best: null }, { validation: "test", schedule: "cosine", patience: undefined }, "best"),
    "none",
  ));
