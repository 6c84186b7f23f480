import assert from "#assert";
import { oddNames } from "../support/odd_files.ts";
import { hubConfiguration, modelCard, preprocessorConfiguration, snippets } from "../../export/hugging_face.ts";

const size = { architecture: "resnet", depth: 26, width: 32, branches: 2, groups: 4 };
const statistics = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const preprocessing = { ...statistics, imageShape: [32, 32, 3], fit: "crop" } as const;

Deno.test("the configuration maps classes to names and back", () => {
  const text = hubConfiguration({
    ...size,
    title: "ShakeNet-26 2x32d",
    labels: ["cat", "dog"],
    imageShape: [32, 32, 3],
  });
  const configuration = JSON.parse(text);
  assert.deepEqual(configuration.id2label, { 0: "cat", 1: "dog" });
  assert.deepEqual(configuration.label2id, { cat: 0, dog: 1 });
  assert.equal(configuration.image_size, 32);
  assert.equal(configuration.model_type, "resnet", "a type that libraries know");
  assert.equal("groups" in configuration, false, "a resnet has no groups");
});

Deno.test("the preprocessor crops or stretches, and normalises", () => {
  const parsed = (fit: string) => JSON.parse(preprocessorConfiguration({ ...preprocessing, fit }));
  const crop = parsed("crop");
  assert.deepEqual(
    [crop.size, crop.do_center_crop, crop.crop_size, crop.data_format, crop.do_rescale, crop.do_normalize],
    [{ shortest_edge: 32 }, true, { height: 32, width: 32 }, "channels_first", true, true],
  );
  assert.deepEqual([crop.image_mean, crop.image_std], [statistics.mean, statistics.std]);
  const stretch = parsed("stretch");
  assert.deepEqual([stretch.size, stretch.do_center_crop], [{ height: 32, width: 32 }, false]);
});

const speed = { threads: 2, batch: 128, imagesPerSecond: 258.4, millisecondsForOne: 6.04 };
const cardOf = (dataset: string, labels: readonly string[], part?: string) =>
  modelCard({
    part,
    ...{ title: "ShakeNet-26 2x32d", dataset, labels, preprocessing, opset: 17 },
    evaluated: {
      ...{ images: 1000, top5Accuracy: 1, calibration: { expectedCalibrationError: 0.0123 }, step: 400 },
      ...{ chosenOn: "test" as const, testTimeAugmentation: "flip", augmented: { accuracy: 0.9375 } },
    },
    configuration: { shake: "shake-shake-image", batch: 128, augment: "standard" },
    outputs: { logits: { shape: [null, 2] }, probabilities: { shape: [null, 2] } },
    files: [
      { file: "model.onnx", precision: "float32", bytes: 11_700_000, accuracy: 0.9633, speed },
      { file: "model_int8.onnx", precision: "int8", bytes: 3_000_000, accuracy: 0.96, speed },
    ],
  });

Deno.test("the model card lists every file, and its front matter quotes names", () => {
  const card = cardOf('my "cats"', ["cat", "dog"]);
  assert.match(card, /^---\nlibrary_name: transformers\.js\n/);
  assert.match(card, /^- "my \\"cats\\""$/m);
  assert.match(card, /^\| `model\.onnx` \| float32 \| 11\.7 MB \| 96\.33 % \| 258 images\/s \| 6\.0 ms \|$/m);
  assert.match(card, /^\| `model_int8\.onnx` \| int8 \| 3\.0 MB \| 96\.00 % \|/m);
  assert.match(card, /expected calibration error 1\.23 %/);
  assert.match(card, /The checkpoint was chosen on the test images themselves, so these figures are likely too high\./);
  assert.match(card, /The mean prediction of the views `flip` reached 93\.75 %\./);
  for (const snippet of Object.values(snippets)) assert.ok(card.includes(snippet), "the snippets that tests run");
});

Deno.test("the model card says how many of the training pictures were used, where some were not", () => {
  assert.match(
    cardOf("pets", ["cat", "dog"], "20 of 45 training pictures"),
    / It is trained on 20 of 45 training pictures\./,
  );
  assert.doesNotMatch(cardOf("pets", ["cat", "dog"]), /It is trained on/);
});

Deno.test("names are no markup of the model card, and no keys of the configuration's objects", () => {
  for (const name of oddNames) {
    const card = cardOf(name, [name, "b"]);
    assert.doesNotMatch(card.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
    assert.doesNotMatch(card.slice(card.indexOf("\n# ")), /(?<!\\)<img|(?<!\\)\*md/);
    const lines = card.split("\n");
    assert.equal(lines.length, cardOf("a", ["a", "b"]).split("\n").length);
    assert.equal(JSON.parse(lines.find((line) => line.startsWith('- "'))!.slice(2)), name);
    const { id2label, label2id } = JSON.parse(
      hubConfiguration({ ...size, title: "t", labels: [name, "b"], imageShape: [32, 32, 3] }),
    );
    assert.deepEqual([id2label[0], Object.getOwnPropertyDescriptor(label2id, name)?.value], [name, 0]);
  }
});
