import assert from "#assert";
import { catalogue } from "../../data/catalogue.ts";
import { decodeLabels, decodeRecords } from "../../data/cifar.ts";
import { channelStatistics, type Dataset } from "../../data/dataset.ts";
import { stream } from "../../data/random.ts";
import { drawPicture, drawShapes, shapeNames } from "../../data/shapes.ts";
import { linearAccuracy } from "../support/linear_classifier.ts";

const source = catalogue.shapes;

function drawn(): Dataset {
  const files = drawShapes(1, source);
  const read = (names: readonly { name: string }[]) =>
    decodeRecords(names.map(({ name }) => ({ name, bytes: files.get(name)! })), source);
  const train = read(source.train), test = read(source.test);
  const labels = decodeLabels(new TextDecoder().decode(files.get(source.labelFile)));
  return { name: "shapes", labels, imageShape: [32, 32, 3], ...channelStatistics(train.images), train, test };
}

/** Drawn once for the tests that only read it. */
const shapes = drawn();

Deno.test("a picture is a function of its class and its stream", () => {
  const draw = (label: number, index: number) => drawPicture(label, stream(1, "shapes", 0, index));
  assert.deepEqual(draw(3, 5), draw(3, 5));
  assert.notDeepEqual(draw(3, 5), draw(3, 6));
});

Deno.test("the files decode as CIFAR-10's do, with as many pictures of each of ten classes", () => {
  const { labels, train, test } = shapes;
  assert.deepEqual(labels, shapeNames);
  assert.deepEqual([labels.length, train.count, test.count], [10, 5000, 1000]);
  const counts = labels.map((_, label) => train.labels.filter((other) => other === label).length);
  assert.deepEqual(counts, Array(10).fill(500));
});

Deno.test("colours and places do not tell the class: a linear classifier stays below 60 %", () => {
  const accuracy = linearAccuracy(shapes, 4, 0.0005);
  assert.ok(accuracy < 0.6, `${accuracy}`);
});
