/** The output that a person at a terminal sees, at its width. */
import assert from "#assert";
import { fileURLToPath } from "node:url";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { runs } from "../support/program.ts";
import { tinyRun } from "../support/tiny_run.ts";

const main = fileURLToPath(new URL("../../pipeline/main.ts", import.meta.url));
const ignore = Deno.build.os !== "linux" || !await runs("script", ["--version"]);

/** Runs a command on a terminal of so many columns, presses Ctrl-C at the first step, and returns all that was written. */
async function interrupted(columns: number, words: readonly string[]): Promise<string> {
  const line = [Deno.execPath(), "run", "--no-check", "-A", main, ...words].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", `stty cols ${columns}; exec ${line}`, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let seen = "", pressed = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    seen += text;
    if (pressed || !/[1-9]\d*\/\d+ steps/.test(seen)) continue;
    pressed = true;
    await keyboard.write(Uint8Array.of(3));
  }
  await keyboard.close().catch(() => {});
  await child.status;
  return seen;
}

const cases = [
  { columns: 80, command: "train", next: /^ {2}deno task train --config (\S+) --resume$/ },
  { columns: 40, command: "pipeline", next: /^ {2}deno task pipeline --config (\S+)$/ },
];

for (const { columns, command, next } of cases) {
  const name = `Ctrl-C at ${columns} columns leaves the command that continues ${command}, whole, as the last line`;
  Deno.test({ name, ignore }, () =>
    inTemporaryFolder(async (folder) => {
      const configuration = await tinyRun(folder, { epochs: 10_000 });
      const file = `${folder}/config.json`;
      await Deno.writeTextFile(file, JSON.stringify(configuration));
      const seen = await interrupted(columns, [command, "--config", file]);
      // Nothing is drawn after the last line: no escape sequence moves the cursor back.
      const last = seen.replaceAll("\r", "").trimEnd().split("\n").at(-1)!;
      assert.match(last, next, seen.slice(-600));
      assert.ok((await Deno.stat(next.exec(last)![1]!)).isFile);
    }));
}
