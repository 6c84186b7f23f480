/**
 * An exported model in the layouts of other places: a folder as Hugging Face has it, and a model repository of Triton.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import type { Precision } from "../../../export/variants.ts";
import { hubConfiguration, modelCard, preprocessorConfiguration } from "../../../export/hugging_face.ts";
import { tritonConfiguration } from "../../../export/triton.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import type { Configuration } from "../../configuration/fields.ts";
import type { Evaluation } from "../../run/evaluation_file.ts";
import type { ParityReport, ReducedReport } from "./network.ts";
import type { runPaths } from "../../run/paths.ts";

type Paths = ReturnType<typeof runPaths>;

const suffix = (precision: Precision) => precision === "float32" ? "" : `_${precision}`;

const hubModel = ({ huggingFace }: Paths, precision: Precision) => `${huggingFace}/onnx/model${suffix(precision)}.onnx`;
const tritonFolder = ({ triton }: Paths, precision: Precision) => `${triton}/shakenet${suffix(precision)}`;

/** The files of {@linkcode packageFiles}. */
export function packagePaths(paths: Paths, chosen: readonly Precision[]): string[] {
  const { huggingFace } = paths;
  return [
    ...["README.md", "config.json", "preprocessor_config.json"].map((name) => `${huggingFace}/${name}`),
    ...chosen.map((precision) => hubModel(paths, precision)),
    ...chosen.flatMap((precision) =>
      ["config.pbtxt", "labels.txt", "1/model.onnx"].map((name) => `${tritonFolder(paths, precision)}/${name}`)
    ),
  ];
}

export interface Packaged {
  readonly paths: Paths;
  readonly configuration: Configuration;
  readonly dataset: Dataset;
  readonly net: ShakeNetwork;
  readonly evaluated: Evaluation;
  readonly float32: { readonly bytes: Uint8Array; readonly report: ParityReport };
  readonly reduced: readonly { readonly bytes: Uint8Array; readonly report: ReducedReport }[];
}

/** Every file by its path. */
export function packageFiles(packaged: Packaged): Record<string, string | Uint8Array> {
  const { paths, configuration, dataset, net, evaluated, float32, reduced } = packaged;
  const { input, test, opset } = float32.report;
  const { labels, imageShape, mean, std } = dataset;
  const preprocessing = { input, imageShape, mean, std, fit: configuration.fit };
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
      ...{ title: net.title, dataset: dataset.name, labels, preprocessing, opset, evaluated, configuration, files },
    }),
    ...Object.fromEntries(models.flatMap(({ bytes, report: { precision } }) => {
      const folder = tritonFolder(paths, precision);
      const name = folder.slice(folder.lastIndexOf("/") + 1);
      return [
        [hubModel(paths, precision), bytes],
        [`${folder}/1/model.onnx`, bytes],
        [`${folder}/labels.txt`, labels.join("\n") + "\n"],
        [`${folder}/config.pbtxt`, tritonConfiguration({ name, input, imageShape, classes: labels.length })],
      ];
    })),
  };
}
