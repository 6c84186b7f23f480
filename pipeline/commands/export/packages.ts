/**
 * The files of an exported model for other services: a folder for the Hugging Face Hub, and a model repository of Triton.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import { removeFolderIfEmpty, removeIfThere } from "../../../data/files/files.ts";
import { readProperties } from "../../../export/model_file.ts";
import type { Precision } from "../../../export/variants.ts";
import { withPixelValues } from "../../../export/pixel_values.ts";
import { hubConfiguration, modelCard, preprocessorConfiguration } from "../../../export/hugging_face.ts";
import { tritonConfiguration } from "../../../export/triton.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import type { Configuration } from "../../configuration/fields.ts";
import type { Evaluation } from "../../run/evaluation_file.ts";
import type { ParityReport, ReducedReport } from "../../run/parity_file.ts";
import type { RunPaths } from "../../run/paths.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import type { Made } from "./measure_model.ts";

const suffix = (precision: Precision) => precision === "float32" ? "" : `_${precision}`;

const hubModel = ({ huggingFace }: RunPaths, precision: Precision) =>
  `${huggingFace}/onnx/model${suffix(precision)}.onnx`;
const tritonFiles = ["config.pbtxt", "labels.txt", "1/model.onnx"] as const;
const tritonFolder = ({ triton }: RunPaths, precision: Precision) => `${triton}/shakenet${suffix(precision)}`;

/** The paths of {@linkcode packageFiles}. */
export function packagePaths(paths: RunPaths, chosen: readonly Precision[]): string[] {
  const { huggingFace } = paths;
  return [
    ...["README.md", "config.json", "preprocessor_config.json"].map((name) => `${huggingFace}/${name}`),
    ...chosen.map((precision) => hubModel(paths, precision)),
    ...chosen.flatMap((precision) => tritonFiles.map((name) => `${tritonFolder(paths, precision)}/${name}`)),
  ];
}

/** Removes the models of a precision that an earlier export left, and their folders where nothing else is in them. */
export async function removePackages(paths: RunPaths, precision: Precision): Promise<void> {
  await removeIfThere(hubModel(paths, precision));
  const folder = tritonFolder(paths, precision);
  for (const name of tritonFiles) await removeIfThere(`${folder}/${name}`);
  for (const empty of [`${folder}/1`, folder]) await removeFolderIfEmpty(empty);
}

export interface Packaged {
  readonly paths: RunPaths;
  readonly configuration: Configuration;
  readonly dataset: Dataset;
  readonly net: ShakeNetwork;
  readonly evaluated: Evaluation;
  readonly float32: Made<ParityReport>;
  readonly reduced: readonly Made<ReducedReport>[];
}

/** The content of every file, by path. */
export function packageFiles(packaged: Packaged): Record<string, string | Uint8Array> {
  const { paths, configuration, dataset, net, evaluated, float32, reduced } = packaged;
  const { input, test, opset } = float32.report;
  const { outputs } = readProperties(float32.bytes);
  const { labels, imageShape, mean, std } = dataset;
  const preprocessing = { imageShape, mean, std, fit: configuration.fit };
  const models = [float32, ...reduced];
  const files = models.map(({ report }) => ({
    ...report,
    file: `onnx/model${suffix(report.precision)}.onnx`,
    accuracy: "reduced" in report ? test.accuracy : report.accuracy,
  }));
  const { huggingFace } = paths;
  return {
    [`${huggingFace}/config.json`]: hubConfiguration({ ...configuration, labels, imageShape, title: net.title }),
    [`${huggingFace}/preprocessor_config.json`]: preprocessorConfiguration(preprocessing),
    [`${huggingFace}/README.md`]: modelCard({
      ...{
        title: net.title,
        dataset: dataset.name,
        labels,
        preprocessing,
        opset,
        evaluated,
        configuration,
        files,
        outputs,
      },
      part: configuration.trainingPictures === "all" ? undefined : trainingSplits(dataset, configuration).part,
    }),
    ...Object.fromEntries(models.flatMap(({ bytes, report: { precision } }) => {
      const folder = tritonFolder(paths, precision);
      const name = folder.slice(folder.lastIndexOf("/") + 1);
      return [
        [hubModel(paths, precision), withPixelValues(bytes, imageShape, precision)],
        [`${folder}/1/model.onnx`, bytes],
        [`${folder}/labels.txt`, labels.join("\n") + "\n"],
        [`${folder}/config.pbtxt`, tritonConfiguration({ name, input, imageShape, outputs })],
      ];
    })),
  };
}
