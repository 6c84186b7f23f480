/**
 * Paths of the files of data sets and runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { catalogue, memberNames, type RecordDatasetName } from "../../data/catalogue.ts";
import type { Configuration } from "../configuration/fields.ts";

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

/** Files of a decoded data set, below the cache. */
export function datasetPaths({ cache, dataset, images }: Pick<Configuration, "cache" | "dataset" | "images">) {
  const folder = `${cache}/${dataset === "folder" ? folderName(images ?? "") : dataset}`;
  return { decoded: `${folder}/dataset.safetensors`, preprocessRecord: `${folder}/preprocess.json` };
}

/** Names a folder of images; its digest tells folders of the same name apart. */
function folderName(images: string): string {
  const path = resolve(images);
  const digest = createHash("sha256").update(path).digest("hex").slice(0, 8);
  return `folder/${basename(path)}-${digest}`;
}

/** Files of a run: opened once in a command, and handed on. */
export type RunPaths = ReturnType<typeof runPaths>;

/** The run's name and the paths of its files. */
export function runPaths({ runs, run }: Pick<Configuration, "runs" | "run">) {
  const folder = `${runs}/${run}`;
  const checkpoint = (name: string) => `${folder}/checkpoints/${name}.safetensors`;
  return {
    run,
    folder,
    configuration: `${folder}/config.json`,
    metrics: `${folder}/metrics.jsonl`,
    tensorboard: `${folder}/tensorboard`,
    sessions: `${folder}/sessions.jsonl`,
    last: checkpoint("last"),
    /** The last checkpoint before `last`. */
    previous: checkpoint("previous"),
    best: checkpoint("best"),
    epoch: (epoch: number) => checkpoint(`epoch-${String(epoch).padStart(4, "0")}`),
    evaluation: `${folder}/evaluation.json`,
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
    evaluateRecord: `${folder}/evaluate.record.json`,
    exportRecord: `${folder}/export.record.json`,
    reportRecord: `${folder}/report.record.json`,
  };
}
