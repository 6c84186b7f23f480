import assert from "#assert";
import { printers } from "../../../../pipeline/commands/predict/printers.ts";

const classes = [{ label: "=cat", probability: 0.75 }, { label: "dog, wild", probability: 0.25 }];
const printed = { labels: ["=cat", "dog, wild", "cow"], pictures: ["a.png"], top: 2 };

Deno.test("CSV has a head, a row for each picture, and an empty cell for what there is not", () => {
  const { head, line } = printers.csv(printed);
  assert.equal(head, "picture,class_1,probability_1,class_2,probability_2,error,features,unsure");
  assert.equal(line({ picture: "a.png", classes }), `a.png,'=cat,0.75,"dog, wild",0.25,,,`);
  assert.equal(line({ picture: "@b.png", error: "it is cut off" }), "'@b.png,,,,,it is cut off,,");
  assert.equal(line({ picture: "a.png", classes, features: [0.5, -1] }).split(",").at(-2), "0.5 -1");
  assert.match(line({ picture: "a.png", classes, unsure: true }), /,yes$/);
  assert.equal(printers.csv({ ...printed, top: 9 }).head!.match(/class_/g)!.length, 3);
});

Deno.test("lines of JSON have the features, the table has not", () => {
  const prediction = { picture: "a.png", classes, features: [0.5, 1] };
  assert.deepEqual(JSON.parse(printers.jsonl(printed).line(prediction)), prediction);
  assert.equal(printers.table(printed).line(prediction), "a.png  =cat       75.0 %  dog, wild  25.0 %");
  assert.match(printers.table(printed).line({ ...prediction, unsure: true }), /25\.0 % +unsure$/);
});
