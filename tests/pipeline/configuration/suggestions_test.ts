import assert from "#assert";
import { fieldHint, nearest, valueHint } from "../../../pipeline/configuration/suggestions.ts";

const near: [word: string, candidates: string[], found: string | undefined][] = [
  ["trian", ["train", "trace", "watch"], "train"],
  ["cifar10", ["shapes", "cifar-10", "cifar-100"], "cifar-10"],
  ["CIFAR_10", ["shapes", "cifar-10"], "cifar-10"],
  ["cifar", ["quick", "cifar10-small", "cifar10", "cifar100"], "cifar10"],
  ["learning_rate", ["learning-rate"], "learning-rate"],
  ["dept", ["depth", "width"], "depth"],
  ["frobnicate", ["depth", "width"], undefined],
  ["NO", ["yes", "no"], "no"],
  ["xy", ["up", "no"], undefined],
  ["", ["depth"], undefined],
  ["d".repeat(1e6), ["depth"], undefined],
];

for (const [word, candidates, found] of near) {
  Deno.test(`nearest to ${word.slice(0, 20) || "nothing"} is ${found ?? "nothing"}`, () => {
    assert.equal(nearest(word, candidates), found);
  });
}

const fields: Record<string, string> = {
  lr: "; did you mean learningRate?",
  "batch-size": "; did you mean batch?",
  batch_size: "; did you mean batch?",
  dpeth: "; did you mean depth?",
  learning_rate: "; did you mean learningRate?",
  gpu: '; did you mean device: "cuda"?',
  optimizer: ": training uses Nesterov momentum SGD; --momentum and --learning-rate set it",
  frobnicate: "",
};

for (const [name, hint] of Object.entries(fields)) {
  Deno.test(`hint for the field ${name} of a file`, () => assert.equal(fieldHint(name), hint));
}

Deno.test("hints for values: synonyms, the paper's notation, typing errors, items of lists", () => {
  assert.equal(valueHint("device", "gpu"), "; did you mean cuda?");
  assert.equal(valueHint("engine", "tf"), "; did you mean tensorflow?");
  assert.equal(valueHint("schedule", "sgdr"), "; did you mean restarts?");
  assert.equal(valueHint("shake", "S-E-B"), "; did you mean shake-even-batch?");
  assert.equal(valueHint("shake", "shake-shak-image"), "; did you mean shake-shake-image?");
  assert.equal(valueHint("augment", "flip,cutuot:8"), "; did you mean flip,cutout:8?");
  assert.equal(valueHint("precision", "half,int8"), "; did you mean fp16,int8?");
  assert.equal(valueHint("augment", "flip,spin"), "");
  assert.equal(valueHint("depth", 9), "");
  assert.equal(valueHint("augment", "x,".repeat(1e6)), "");
});
