import assert from "#assert";
import { commandsText, helpText } from "../../../pipeline/cli/help.ts";
import { commands } from "../../../pipeline/commands/mod.ts";
import { fieldInfo } from "../../../pipeline/configuration/fields.ts";
import { presetNames } from "../../../pipeline/configuration/presets.ts";

const loaded = await Promise.all(
  Object.entries(commands).map(async ([name, { load, ...introduction }]) => ({
    name,
    introduction,
    command: await load(),
  })),
);

async function help(name: string, all: boolean, width = 80): Promise<string> {
  const { load, ...introduction } = commands[name]!;
  return helpText(await load(), introduction, all, width);
}

for (const width of [20, 40, 80, 200]) {
  Deno.test(`at ${width} columns no line of any help is longer`, () => {
    for (const { command, introduction } of loaded) {
      for (const all of [false, true]) {
        for (const line of helpText(command, introduction, all, width).split("\n")) {
          assert.ok(line.length <= width, line);
        }
      }
    }
    const summaries = Object.fromEntries(Object.entries(commands).map(([name, { summary }]) => [name, summary]));
    for (const line of commandsText(summaries, width).split("\n")) assert.ok(line.length <= width, line);
  });
}

Deno.test("a wider terminal needs no more lines", async () => {
  const lines = await Promise.all(
    [40, 80, 200].map(async (width) => (await help("train", true, width)).split("\n").length),
  );
  assert.deepEqual(lines, lines.toSorted((a, b) => b - a));
});

Deno.test("--help all shows every flag of a command and every preset", () => {
  for (const { command, introduction } of loaded) {
    const words = helpText(command, introduction, true, 80).split(/\s+/);
    for (const { flag, kind, initial } of command.fields.map(fieldInfo)) {
      assert.ok(words.includes(kind === "boolean" && initial === true ? `--no-${flag.slice(2)}` : flag), flag);
    }
    if (command.fields.length) assert.ok(presetNames.every((name) => words.includes(name)));
  }
});

Deno.test("the short help of a large command shows the common flags and says how many more there are", async () => {
  const text = await help("train", false), all = await help("train", true);
  assert.match(text, /^ {2}--depth NUMBER /m);
  assert.doesNotMatch(text, /--plateau-factor/);
  const [, more] = /`deno task train --help all` shows (\d+) more flags and the presets\./.exec(text)!;
  const flags = (help: string) => help.match(/^ {2}(-h, )?--\S+/gm)!.length;
  assert.equal(flags(all), flags(text) + Number(more));
});

Deno.test("flags stand in titled groups, and a boolean says what its flag does", async () => {
  const text = await help("train", true);
  assert.deepEqual(text.match(/^[A-Z][a-z ]+:$/gm), [
    ...[
      "Examples:",
      "Run:",
      "Data:",
      "Network:",
      "Shaking:",
      "Optimisation:",
      "Averaging:",
      "Augmentation:",
      "Output:",
      "Hardware:",
    ],
    ...["Every command:", "Presets:"],
  ]);
  assert.match(text, /--no-skip +removes the skip connections/);
});

Deno.test("every command has two examples, whose flags it takes", () => {
  for (const { name, introduction, command } of loaded) {
    assert.equal(introduction.examples.length, 2, name);
    const flags = new Set([
      ...command.fields.map((field) => fieldInfo(field).flag),
      "--preset",
      "--config",
      "--resume",
    ]);
    for (const [line] of introduction.examples) {
      assert.match(line, new RegExp(`deno task (--quiet )?${name}\\b`));
      for (const [flag] of line.split(name).at(-1)!.matchAll(/--[a-z-]+/g)) {
        assert.ok(flags.has(flag) || flag === "--force", `${line}: ${flag}`);
      }
    }
  }
});

Deno.test("a command without fields has no presets and no files", async () => {
  const text = await help("completion", true);
  assert.match(text, /Usage: deno task completion bash\|zsh\|fish \[flags\]/);
  assert.doesNotMatch(text, /--preset|--config|Presets|--resume/);
});
