/** Every stage, started as its task in deno.json starts it: with these permissions and no others. */
import assert from "#assert";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

/** Runs a task in a folder of its own, so that it writes there; packages are those of the project. */
async function runTask(name: string, words: readonly string[], cwd: string): Promise<string> {
  const [, permissions, program, ...more] = /^.*?deno run (.*?) (\S+\.ts)(?: (.*))?$/.exec(tasks[name]!.command)!;
  const flags = permissions!.replace("=node_modules", `=${root}node_modules`).split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--config", `${root}deno.json`, ...flags, `${root}${program}`],
      ...(more[0] ? [more[0]] : []),
      ...words,
    ],
    cwd,
  }).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${name} ${words.join(" ")}: ${said}`);
  return out!;
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
    const network = ["--run", "r", "--width", "2", "--epochs", "1", "--batch", "4"];
    await runTask("download", [], folder);
    await runTask("preprocess", [...data, "--image-size", "8"], folder);
    await runTask("train", [...data, ...network], folder);
    await runTask("evaluate", ["--run", "r"], folder);
    await runTask("export", ["--run", "r", "--parity-images", "2"], folder);
    const printed = await runTask("predict", ["--run", "r", "pictures/dark/*.png", "pictures/light"], folder);
    assert.equal(printed.trim().split("\n").length, 20);
    await runTask("correlate", ["--run", "r"], folder);
    await runTask("augment-preview", [...data, "--run", "r", "--examples", "1"], folder);
    await runTask("report", ["--run", "r"], folder);
    assert.match(await runTask("completion", ["bash"], folder), /complete/);
    for (const file of ["model.onnx", "report.html", "augmentation.png", "branch_correlation.svg"]) {
      assert.ok((await Deno.stat(`${folder}/runs/r/${file}`)).isFile, file);
    }
  }));
