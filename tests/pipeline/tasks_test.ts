/** Every stage, started as its task in deno.json starts it: with these permissions and no others. */
import assert from "#assert";
import sharp from "sharp";
import { runTask } from "../support/run_task.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

/** The output of a task in a folder, where it ends without an error. */
async function outputOfTask(name: string, words: readonly string[], folder: string): Promise<string> {
  const { code, output, errors } = await runTask(folder, name, ...words);
  assert.equal(code, 0, `${name} ${words.join(" ")}: ${errors}`);
  return output;
}

/** Pictures of two classes that differ in brightness. */
async function writePictures(folder: string): Promise<void> {
  for (const [label, brightness] of [["dark", 40], ["light", 200]] as const) {
    await Deno.mkdir(`${folder}/pictures/${label}`, { recursive: true });
    for (let at = 0; at < 10; at++) {
      const background = { r: brightness + at, g: brightness, b: brightness - at };
      const picture = sharp({ create: { width: 12, height: 10, channels: 3, background } });
      await Deno.writeFile(`${folder}/pictures/${label}/${at}.png`, await picture.png().toBuffer());
    }
  }
}

Deno.test("every stage does its work with the permissions of its task", () =>
  inTemporaryFolder(async (folder) => {
    await writePictures(folder);
    const data = ["--dataset", "folder", "--images", "pictures"];
    const network = ["--run", "r", "--width", "2", "--epochs", "1", "--batch", "4", "--threads", "1"];
    await outputOfTask("download", [], folder);
    assert.match(await outputOfTask("inspect", data, folder), /class +training +test/);
    await outputOfTask("preprocess", [...data, "--image-size", "8"], folder);
    assert.match(
      await outputOfTask("find-rate", [...data, ...network, "--max-steps", "3"], folder),
      /find_rate\.svg/,
    );
    await outputOfTask("train", [...data, ...network], folder);
    await outputOfTask("evaluate", ["--run", "r"], folder);
    await outputOfTask("export", ["--run", "r", "--parity-images", "2", "--features", "--explain"], folder);
    const pictures = ["pictures/dark/*.png", "pictures/light"];
    const printed = await outputOfTask(
      "predict",
      ["--run", "r", "--features", "--format", "jsonl", ...pictures],
      folder,
    );
    const lines = printed.trim().split("\n");
    assert.equal(lines.length, 20);
    assert.equal(JSON.parse(lines[0]!).features.length, 8);
    await outputOfTask("predict", ["--run", "r", "--explain", "pictures/light"], folder);
    // Ten pictures with their maps, and the page.
    assert.equal((await Array.fromAsync(Deno.readDir(`${folder}/explained`))).length, 11);
    await outputOfTask("correlate", ["--run", "r"], folder);
    await outputOfTask("augment-preview", [...data, "--run", "r", "--examples", "1"], folder);
    await outputOfTask("report", ["--run", "r"], folder);
    assert.match(await outputOfTask("runs", [], folder), /^r +done +pictures +ShakeNet/m);
    assert.match(await outputOfTask("completion", ["bash"], folder), /complete/);
    for (const file of ["model.onnx", "report.html", "augmentation.png", "branch_correlation.svg"]) {
      assert.ok((await Deno.stat(`${folder}/runs/r/${file}`)).isFile, file);
    }
    await outputOfTask("runs", ["--remove", "r", "--yes"], folder);
    await assert.rejects(Deno.stat(`${folder}/runs/r`), Deno.errors.NotFound);
  }));
