/**
 * The files of a folder on the Hugging Face Hub beside its models: a model card, the configuration with the names of the
 * classes, and the preprocessing of pictures (huggingface.co/docs/hub/model-cards).
 *
 * @module
 */
import { type ChosenOn, chosenOnText } from "./chosen_on.ts";
import type { Speed } from "./exported_model.ts";
import type { Normalisation } from "./inference_model.ts";
import { markdownText, yamlText } from "./markdown.ts";
import { megabytesText, percentText } from "./numbers_as_text.ts";
import { prettyJson } from "./pretty_json.ts";
import type { ImageShape, Precision } from "./variants.ts";

/** Architecture and size of a network. */
export interface NetworkSize {
  readonly architecture: string;
  readonly depth: number;
  readonly width: number;
  readonly branches: number;
  readonly groups: number;
}

export interface HubOptions extends NetworkSize {
  readonly title: string;
  readonly labels: readonly string[];
  readonly imageShape: ImageShape;
}

/**
 * Writes `config.json`. Libraries load a model by its `model_type` and know no ShakeNet: as a ResNet they give a classifier
 * `pixel_values` and read `logits`. The network itself is in the ONNX file.
 */
export function hubConfiguration({ title, labels, imageShape, ...size }: HubOptions): string {
  const { architecture, depth, width, branches, groups } = size;
  return prettyJson({
    model_type: "resnet",
    architectures: ["ResNetForImageClassification"],
    title,
    problem_type: "single_label_classification",
    ...{ architecture, depth, width, branches, ...(architecture === "resnext" && { groups }) },
    image_size: imageShape[0],
    num_channels: imageShape[2],
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  });
}

export interface Preprocessing extends Normalisation {
  readonly imageShape: ImageShape;
  /** Makes a picture of another shape square: `crop`, `stretch` or `pad`. */
  readonly fit: string;
}

/** Lanczos in Pillow's numbering, the filter that resizes pictures in this project too. */
const LANCZOS = 1;

/** Writes `preprocessor_config.json`: the preprocessing for `pixel_values`, whatever the run's model takes. */
export function preprocessorConfiguration(
  { imageShape: [height, width], mean, std, fit }: Preprocessing,
): string {
  const square = { height, width };
  const resizing = fit === "crop"
    ? { size: { shortest_edge: height }, do_center_crop: true, crop_size: square }
    : { size: square, do_center_crop: false };
  return prettyJson({
    image_processor_type: fit === "crop" ? "CLIPImageProcessor" : "ViTImageProcessor",
    do_convert_rgb: true,
    do_resize: true,
    ...resizing,
    resample: LANCZOS,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
    data_format: "channels_first",
    input: "float32-nchw",
    fit,
  });
}

export interface CardFile {
  readonly file: string;
  readonly precision: Precision;
  readonly bytes: number;
  readonly accuracy: number;
  readonly speed: Speed;
}

/** A fitted temperature, and the calibration error on test images that it was not fitted on. */
interface CardCalibration {
  readonly temperature: number;
  readonly before: { readonly calibration: { readonly expectedCalibrationError: number } };
  readonly after: { readonly calibration: { readonly expectedCalibrationError: number } };
}

export interface CardOptions {
  readonly title: string;
  readonly dataset: string;
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly opset: number;
  /** The number of training pictures of a run that leaves some out. */
  readonly part?: string | undefined;
  readonly evaluated: {
    readonly images: number;
    readonly top5Accuracy?: number | undefined;
    readonly calibration: { readonly expectedCalibrationError: number };
    readonly calibrated?: CardCalibration | undefined;
    readonly step: number;
    readonly chosenOn: ChosenOn;
    readonly testTimeAugmentation: string;
    readonly augmented?: { readonly accuracy: number } | undefined;
  };
  readonly configuration: { readonly shake: string; readonly batch: number; readonly augment: string };
  /** The outputs of the models, whose first dimension is the batch. */
  readonly outputs: Readonly<Record<string, { readonly shape: readonly (number | null)[] }>>;
  readonly files: readonly CardFile[];
}

/** Code that classifies a picture with the folder, for the card; tests run it. */
export const snippets = {
  javascript: `import { pipeline } from "@huggingface/transformers";

const classify = await pipeline("image-classification", "FOLDER", { dtype: "fp32" });
console.log(await classify("picture.png"));`,
  python: `from optimum.onnxruntime import pipeline

classify = pipeline("image-classification", model="FOLDER")
print(classify("picture.png"))`,
} as const;

/** Writes `README.md`. */
export function modelCard(options: CardOptions): string {
  const { title, labels, preprocessing, opset, evaluated, configuration, files } = options;
  const dataset = markdownText(options.dataset);
  const { imageShape: [height, width], mean, std, fit } = preprocessing;
  const { images, top5Accuracy, calibration, step, chosenOn, augmented } = evaluated;
  const views = augmented
    ? `\nThe mean prediction of the views \`${evaluated.testTimeAugmentation}\` reached ${
      percentText(augmented.accuracy)
    }.`
    : "";
  const { threads } = files[0]!.speed;
  const part = options.part === undefined ? "" : ` It is trained on ${options.part}.`;
  const rows = files.map(({ file, precision, bytes, accuracy, speed }) =>
    `| \`${file}\` | ${precision} | ${megabytesText(bytes)} | ${percentText(accuracy)} | ` +
    `${speed.imagesPerSecond.toFixed(0)} images/s | ${speed.millisecondsForOne.toFixed(1)} ms |`
  );
  return `${frontMatter(options)}
# ${title} on ${dataset}

An image classifier: ${title} with shake-shake regularization (Gastaldi 2017, "Shake-Shake regularization", arXiv
1705.07485), trained on ${dataset} and exported to ONNX, opset ${opset}. Its branches are merged: with every factor at 1/n, a
block is one residual branch, exactly.${part}

## Files

Accuracy is on the ${images} test images; speed in onnxruntime on a CPU, ${threads} threads, batch ${
    files[0]!.speed.batch
  } and, last,
one image. int8 is quantised statically, kernels per filter, calibrated on training images.
${chosenOnText[chosenOn]}${views}

| file | precision | size | test accuracy | speed | one image |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

## Use

FOLDER is the path of this folder, or its name on the Hub. In JavaScript, after \`npm install @huggingface/transformers\`:

\`\`\`js
${snippets.javascript}
\`\`\`

In Python, after \`pip install "optimum[onnxruntime]"\`:

\`\`\`python
${snippets.python}
\`\`\`

Both name \`resnet\` as the type of the model, because they load known types only. The network is in the ONNX file.

## Input and output

- \`pixel_values\`: float32 [batch, 3, height, width], red, green and blue plane, normalised; height ${height}, width ${width}.
  Normalised is (x / 255 - mean) / std for a channel, with mean [${mean.join(", ")}] and std [${std.join(", ")}].
  Pictures are resized before (\`preprocessor_config.json\`)${padNote(fit)}.
- \`logits\` and \`probabilities\`: float32 [batch, ${labels.length}].${temperatureNote(evaluated)}${
    furtherOutputs(options)
  }

Classes: ${labels.map(markdownText).join(", ")}.

## Training and limits

${step} steps of ${configuration.batch} images, \`${configuration.shake}\`, augmentation \`${configuration.augment}\`. ${
    top5Accuracy === undefined
      ? "Expected calibration error"
      : `Top-5 accuracy\n${percentText(top5Accuracy)}, expected calibration error`
  } ${percentText(calibration.expectedCalibrationError)}.

The model knows the ${labels.length} classes above and no others: it names one of them for every picture. Its accuracy is that
of pictures like those of ${dataset}.
`;
}

/** The libraries compute probabilities from the logits themselves. */
function temperatureNote({ calibrated }: CardOptions["evaluated"]): string {
  if (!calibrated) return "";
  const { temperature, before, after } = calibrated;
  const error = ({ calibration }: CardCalibration["before"]) => percentText(calibration.expectedCalibrationError);
  return ` \`probabilities\` is the soft-max of the logits divided by the
  temperature ${temperature.toFixed(3)}: its calibration error is ${error(after)}, without temperature ${
    error(before)
  }. The libraries
  above take the soft-max of the logits without it.`;
}

/** Outputs that only some models have. */
const described: Readonly<Record<string, string>> = {
  features: "an embedding of each image, the input of the last layer",
  explanation: "the Grad-CAM map of each image for its likeliest class, 0 or more",
};

const furtherOutputs = ({ outputs }: CardOptions): string =>
  Object.entries(described).filter(([name]) => Object.hasOwn(outputs, name)).map(([name, what]) =>
    `\n- \`${name}\`: float32 [batch, ${outputs[name]!.shape.slice(1).join(", ")}], ${what}.`
  ).join("");

/** The libraries have no preprocessing that pads around a picture. */
const padNote = (fit: string): string =>
  fit === "pad" ? "; the libraries stretch them, while the training padded them: pad pictures to squares first" : "";

function frontMatter({ title, dataset, files }: CardOptions): string {
  return `---
library_name: transformers.js
pipeline_tag: image-classification
tags:
- image-classification
- onnx
- shake-shake
datasets:
- ${yamlText(dataset)}
metrics:
- accuracy
model-index:
- name: ${yamlText(title)}
  results:
  - task:
      type: image-classification
    dataset:
      name: ${yamlText(dataset)}
      type: ${yamlText(dataset)}
      split: test
    metrics:
    - type: accuracy
      value: ${files[0]!.accuracy}
---
`;
}
