/**
 * Paths of the files of data sets and runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { catalogue, memberNames, type RecordDatasetName } from "../../data/catalogue.ts";
import { shellWord } from "../cli/shell_word.ts";
import { type Configuration, type Field, fieldInfo } from "../configuration/fields.ts";

/** Files of a data set of records, below the cache. */
export function recordPaths({ cache, dataset }: { readonly cache: string; readonly dataset: RecordDatasetName }) {
  const source = catalogue[dataset];
  const folder = `${cache}/${source.files}`;
  return {
    archive: source.archive && `${folder}/${source.archive.file}`,
    /** The published records, by file name. */
    members: Object.fromEntries(memberNames(source).map((name) => [name, `${folder}/raw/${name}`])),
    downloadRecord: `${folder}/download.json`,
  };
}

/** Fields that decide how the pictures of a folder are decoded. Data sets of records have no such settings. */
export const pictureSettings = ["imageSize", "fit", "holdOut", "unreadable"] as const satisfies readonly Field[];

/** Fields that name a decoded data set. */
export const dataFields = ["dataset", "images", ...pictureSettings] as const satisfies readonly Field[];
export type DataFields = Pick<Configuration, "cache" | typeof dataFields[number]>;

/** Files of a decoded data set, below the cache. A folder of pictures has one for each way to decode it. */
export function datasetPaths(configuration: DataFields) {
  const { cache, dataset } = configuration;
  const folder = dataset === "folder"
    ? `${pictureFolder(configuration)}/${variantName(configuration)}`
    : `${cache}/${dataset}`;
  return {
    decoded: `${folder}/dataset.safetensors`,
    /** The names of the files of a folder's pictures. */
    pictureNames: `${folder}/pictures.json`,
    preprocessRecord: `${folder}/preprocess.json`,
  };
}

/** The settings that `preprocess` decoded a folder of pictures with last. */
export const latestSettingsPath = (configuration: Pick<Configuration, "cache" | "images">): string =>
  `${pictureFolder(configuration)}/latest.json`;

/** The page of an inspection, beside the decoded data. */
export const inspectionPath = (configuration: Pick<Configuration, "cache" | "dataset" | "images">): string =>
  configuration.dataset === "folder"
    ? `${pictureFolder(configuration)}/inspection.html`
    : `${configuration.cache}/${configuration.dataset}/inspection.html`;

/** The folder of everything decoded from a folder of pictures; its digest tells folders of the same name apart. */
function pictureFolder({ cache, images = "" }: Pick<Configuration, "cache" | "images">): string {
  const path = resolve(images);
  return `${cache}/folder/${basename(path)}-${shortDigest(path)}`;
}

function variantName(configuration: DataFields): string {
  const { imageSize, fit } = configuration;
  return `${imageSize}-${fit}-${shortDigest(JSON.stringify(pictureSettings.map((field) => configuration[field])))}`;
}

const shortDigest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** The flag of the folder of all runs behind a command, unless it is the usual one. */
export const runsFlag = ({ runs }: Pick<Configuration, "runs">): string =>
  runs === fieldInfo("runs").initial ? "" : ` --runs ${shellWord(runs)}`;

/** The folder of a run's checkpoints. */
export const CHECKPOINTS = "checkpoints";

/** Files of a run: opened once in a command, and handed on. */
export type RunPaths = ReturnType<typeof runPaths>;

/** The run's name, its flags and the paths of its files. */
export function runPaths({ runs, run }: Pick<Configuration, "runs" | "run">) {
  const folder = `${runs}/${run}`;
  const checkpoint = (name: string) => `${folder}/${CHECKPOINTS}/${name}.safetensors`;
  return {
    run,
    runs,
    /** The flags that name the run in a command. */
    flags: `--run ${run}${runsFlag({ runs })}`,
    folder,
    configuration: `${folder}/config.json`,
    /** The data that the run is trained on. */
    data: `${folder}/data.json`,
    metrics: `${folder}/metrics.jsonl`,
    tensorboard: `${folder}/tensorboard`,
    sessions: `${folder}/sessions.jsonl`,
    last: checkpoint("last"),
    /** The last checkpoint before `last`. */
    previous: checkpoint("previous"),
    best: checkpoint("best"),
    epoch: (epoch: number) => checkpoint(`epoch-${String(epoch).padStart(4, "0")}`),
    evaluation: `${folder}/evaluation.json`,
    mistakes: `${folder}/mistakes.json`,
    mistakesTable: `${folder}/mistakes.csv`,
    explanations: `${folder}/explanations.json`,
    rates: `${folder}/find_rate.json`,
    ratesFigure: `${folder}/find_rate.svg`,
    augmentation: `${folder}/augmentation.png`,
    branchCorrelation: `${folder}/branch_correlation.json`,
    branchCorrelationFigure: `${folder}/branch_correlation.svg`,
    parity: `${folder}/parity.json`,
    model: `${folder}/model.onnx`,
    report: `${folder}/report.html`,
    models: {
      float32: `${folder}/model.onnx`,
      fp16: `${folder}/model_fp16.onnx`,
      int8: `${folder}/model_int8.onnx`,
    },
    /** Folders in the layouts of other services. */
    huggingFace: `${folder}/export/huggingface`,
    triton: `${folder}/export/triton`,
    trainingStep: `${folder}/export/training-step`,
    trainingStepRecord: `${folder}/export/training-step.record.json`,
    trainRecord: `${folder}/train.record.json`,
    correlateRecord: `${folder}/correlate.record.json`,
    evaluateRecord: `${folder}/evaluate.record.json`,
    exportRecord: `${folder}/export.record.json`,
    reportRecord: `${folder}/report.record.json`,
  };
}
