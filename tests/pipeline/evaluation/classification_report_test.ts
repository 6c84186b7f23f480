import assert from "#assert";
import { classificationReport, formatReport } from "../../../pipeline/evaluation/classification_report.ts";

Deno.test("precision, recall and F1 follow from the confusion matrix", () => {
  const actual = [0, 0, 0, 1, 1, 2], predicted = [0, 0, 1, 1, 0, 1];
  const { accuracy, correct, confusion, classes, macro } = classificationReport(actual, predicted, ["a", "b", "c"]);
  assert.deepEqual([accuracy, correct], [0.5, 3]);
  assert.deepEqual(confusion, [[2, 1, 0], [1, 1, 0], [0, 1, 0]]);
  assert.deepEqual(classes[0], { label: "a", precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 });
  assert.deepEqual(classes[1], { label: "b", precision: 1 / 3, recall: 1 / 2, f1: 0.4, support: 2 });
  assert.deepEqual(classes[2], { label: "c", precision: 0, recall: 0, f1: 0, support: 1 });
  assert.equal(macro.recall, (2 / 3 + 1 / 2) / 3);
});

Deno.test("the table has a row for every class", () => {
  const text = formatReport(classificationReport([0, 1], [0, 0], ["cat", "dog"]));
  assert.match(text, /cat +50\.00 +100\.00 +66\.67 +1/);
  assert.match(text, /1 dog +1 +0/);
});
