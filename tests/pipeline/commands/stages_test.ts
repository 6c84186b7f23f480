/** Stages one by one, as tasks with their own permissions, beside the chain of all. */
import assert from "#assert";
import { describeModel } from "../../../export/model_file.ts";
import { runTask } from "../../support/run_task.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { writeClasses } from "../../support/tiny_folder.ts";

const data = ["--dataset", "folder", "--images", "pictures"];
const pictures = ["--image-size", "16", "--fit", "pad", "--hold-out", "0.3"];
const training = ["--width", "2", "--batch", "4", "--epochs", "1", "--engine", "onnxruntime", "--threads", "1"];
const exporting = ["--precision", "fp16", "--accuracy-loss", "100", "--parity-images", "1"];

const files = [
  ...["checkpoints/last.safetensors", "checkpoints/best.safetensors", "metrics.jsonl", "evaluation.json"],
  ...["model.onnx", "model_fp16.onnx", "export/huggingface/config.json", "data.json"],
];

const runFile = (folder: string, file: string) => `${folder}/runs/quick/${file}`;

async function runAll(folder: string, tasks: readonly (readonly [string, ...string[]])[]): Promise<void> {
  for (const task of tasks) {
    const { code, errors } = await runTask(folder, ...task);
    assert.equal(code, 0, `${task.join(" ")}: ${errors}`);
  }
}

Deno.test("stage by stage, with each flag given to one stage, every file is that of the chain, and of its configuration", () =>
  inTemporaryFolder(async (folder) => {
    const [stages, chain, repeated] = ["stages", "chain", "repeated"].map((name) => `${folder}/${name}`);
    for (const each of [stages!, chain!, repeated!]) await writeClasses(`${each}/pictures`, ["a", "b"]);
    await runAll(stages!, [
      ["preprocess", ...data, ...pictures],
      ["train", ...data, ...training],
      ["evaluate"],
      ["export", ...exporting],
    ]);
    await runAll(chain!, [["pipeline", ...data, ...pictures, ...training, ...exporting]]);
    await runAll(repeated!, [["pipeline", "--config", runFile(stages!, "config.json"), ...exporting]]);
    for (const file of files) {
      const [first, ...others] = await Promise.all(
        [stages!, chain!, repeated!].map((each) => Deno.readFile(runFile(each, file))),
      );
      for (const other of others) assert.deepEqual(other, first, file);
    }
    const { imageSize, fit, holdOut } = JSON.parse(await Deno.readTextFile(runFile(stages!, "config.json")));
    assert.deepEqual([imageSize, fit, holdOut], [16, "pad", 0.3]);
    assert.equal(describeModel(await Deno.readFile(runFile(stages!, "model.onnx"))).fit, "pad");
    const report = await Deno.readTextFile(runFile(stages!, "report.html"));
    assert.match(report, /<h2>Exported model<\/h2>/, "evaluate and export refresh the report of train");
    assert.match(report, /data:image\/webp|data:image\/png/, "with its pictures");
  }));
