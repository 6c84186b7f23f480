/**
 * Where things are kept.
 *
 * @module
 */
import { catalogue, memberNames } from "../data/catalogue.ts";
import type { Configuration } from "./configuration.ts";

/** Files of a data set, below the cache. */
export function datasetPaths({ cache, dataset }: Pick<Configuration, "cache" | "dataset">) {
  const folder = `${cache}/${dataset}`;
  const source = catalogue[dataset];
  return {
    archive: source.archive && `${folder}/${source.archive.file}`,
    /** The records as they are published, by the names of their files. */
    members: Object.fromEntries(memberNames(source).map((name) => [name, `${folder}/raw/${name}`])),
    /** The decoded data set. */
    decoded: `${folder}/dataset.safetensors`,
    downloadRecord: `${folder}/download.json`,
    preprocessRecord: `${folder}/preprocess.json`,
  };
}

/** Files of a run. */
export function runPaths({ runs, run }: Pick<Configuration, "runs" | "run">) {
  const folder = `${runs}/${run}`;
  const checkpoint = (name: string) => `${folder}/checkpoints/${name}.safetensors`;
  return {
    configuration: `${folder}/config.json`,
    metrics: `${folder}/metrics.jsonl`,
    last: checkpoint("last"),
    best: checkpoint("best"),
    epoch: (epoch: number) => checkpoint(`epoch-${String(epoch).padStart(4, "0")}`),
    evaluation: `${folder}/evaluation.json`,
    parity: `${folder}/parity.json`,
    model: `${folder}/model.onnx`,
    trainRecord: `${folder}/train.record.json`,
    evaluateRecord: `${folder}/evaluate.record.json`,
    exportRecord: `${folder}/export.record.json`,
  };
}
