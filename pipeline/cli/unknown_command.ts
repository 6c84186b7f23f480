/**
 * The error of a command that does not exist, with the one that was probably meant.
 *
 * @module
 */
import { shortened } from "../configuration/printable.ts";
import { nearest } from "../configuration/suggestions.ts";
import { UsageError } from "../configuration/usage_error.ts";

/** Words of other programs, by the command that does the same. */
const synonyms: Readonly<Record<string, string>> = {
  pipeline: "run all start main quick",
  download: "fetch get data pull",
  preprocess: "prepare decode prep convert-data",
  inspect: "examine explore eda duplicates dedupe analyse analyze verify lint",
  train: "fit learn training finetune fine-tune resume",
  evaluate: "eval test validate val score benchmark",
  export: "convert onnx save to-onnx deploy",
  predict: "infer inference classify detect",
  experiment: "sweep grid search table table1 table4 ablation recipe shaking",
  correlate: "correlation correlations similarity",
  "augment-preview": "augment augmentations preview",
  runs: "list ls history log experiments remove delete rm",
  report: "plot summary visualise visualize html",
  watch: "serve monitor dashboard live ui",
  completion: "completions complete autocomplete",
  doctor: "info check env devices diagnose status",
  "setup:tensorflow": "tensorflow tf setup-tensorflow",
  "setup:cuda": "cuda gpu setup-cuda",
};

/** @param names of all commands */
export function unknownCommand(name: string, names: readonly string[]): UsageError {
  const word = name.toLowerCase().replaceAll("_", "-");
  const synonym = names.find((command) => synonyms[command]?.split(" ").includes(word));
  const meant = synonym ?? nearest(name, names);
  const hint = meant ? `did you mean ${meant}?` : `there are ${names.join(", ")}`;
  return new UsageError(`${shortened(name)} is not a command; ${hint}`);
}
