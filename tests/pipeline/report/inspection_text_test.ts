import assert from "#assert";
import { inspect } from "../../../data/inspection/inspection.ts";
import { inspectionSummary, inspectionText } from "../../../pipeline/report/inspection_text.ts";
import { figure, inspected } from "../../support/inspected.ts";

Deno.test("the text has a row for each class, the sizes, the copies and each warning with its remedy", () => {
  const pictures = Array.from({ length: 48 }, (_, at) =>
    inspected(figure(at), {
      ...{ file: `${at}.png`, index: at, split: at < 40 ? "train" as const : "test" as const, label: at % 2 },
    }));
  const copy = { ...pictures[1]!, file: "evil\u001b[2Jname.png", split: "test" as const };
  const text = inspectionText(
    inspect({ labels: ["cat", "dog"], pictures: [...pictures, copy], leftOut: [], isHeldOut: false }),
  );
  const table = "class  training  test\ncat          20     4\ndog          20     5\nall          40     9\n";
  assert.ok(text.startsWith(table), text);
  assert.match(text, /sizes: all 32 x 32 pixels; --image-size 32 suits them\ngroups of copies: 1 identical; blank/);
  assert.match(text, /\nwarning: 1 picture outside.*1\.png = evil\\u001b\[2Jname\.png\n {2}to do: delete the copies/);
});

Deno.test("of many classes the smallest are listed, and a sound data set says so", () => {
  const labels = Array.from({ length: 60 }, (_, at) => `c${at}`);
  const pictures = labels.flatMap((_, label) =>
    Array.from({ length: label === 7 ? 10 : 14 }, (_, at) => {
      const index = label * 20 + at;
      return inspected(figure(index, label % 10), { index, label, split: at < 4 ? "test" as const : "train" as const });
    })
  );
  const text = inspectionText(inspect({ labels, pictures, leftOut: [], isHeldOut: false }));
  assert.match(text, /^the 40 smallest of 60 classes:\nclass .*\nc7 +6 +4\n/);
  assert.equal(text.split("\n").filter((line) => /^c\d/.test(line)).length, 40);
});

Deno.test("the short form counts copies by where they are, and a sound data set has none", () => {
  const pictures = [0, 1, 2, 3].map((at) => inspected(figure(at), { index: at, label: at % 2 }));
  const copies = [{ ...pictures[0]!, split: "test" as const }, { ...pictures[1]!, label: 0 }];
  const summary = (all: typeof pictures) =>
    inspectionSummary(inspect({ labels: ["cat", "dog"], pictures: all, leftOut: [], isHeldOut: false }));
  assert.equal(
    summary([...pictures, ...copies]),
    "found 2 groups of copies (1 in several splits, 1 in several classes)",
  );
  assert.equal(summary(pictures), undefined);
});
