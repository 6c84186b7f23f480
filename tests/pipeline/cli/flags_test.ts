import assert from "#assert";
import type { Command } from "../../../pipeline/cli/command.ts";
import { configurationOf, helpAsked, parseFlags } from "../../../pipeline/cli/flags.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const plain: Command = {
  name: "train",
  fields: ["depth", "learningRate", "shuffle", "tensorboard", "init", "device", "dataset", "cache", "images"],
  resumes: true,
  run: () => Promise.resolve({}),
};
const withArgument: Command = { ...plain, argument: { name: "TABLE", values: ["table1", "table4"] } };
const withOperands: Command = { ...plain, operands: "PICTURE" };

Deno.test("flags set fields: numbers as numbers, --name=value as --name value, the last one counts", () => {
  const { given } = parseFlags(plain, ["--depth", "14", "--learning-rate=0.2", "--depth", "20", "--init", "a"]);
  assert.deepEqual(given, { depth: 20, learningRate: 0.2, init: "a" });
});

Deno.test("--name and --no-name set a boolean, the last one counts", () => {
  assert.deepEqual(parseFlags(plain, ["--no-shuffle", "--tensorboard"]).given, { shuffle: false, tensorboard: true });
  assert.deepEqual(parseFlags(plain, ["--no-shuffle", "--shuffle"]).given, { shuffle: true });
});

Deno.test("switches, preset, file, argument and operands stand beside the fields", () => {
  const { switches, preset, config } = parseFlags(plain, ["--force", "--preset", "quick", "--config", "a.json"]);
  assert.deepEqual([[...switches], preset, config], [["force"], "quick", "a.json"]);
  assert.equal(parseFlags(withArgument, ["table4"]).argument, "table4");
  assert.deepEqual(parseFlags(withOperands, ["a.png", "--force", "b.png"]).operands, ["a.png", "b.png"]);
});

Deno.test("-h and --help ask for the common flags, --help all for every flag, behind -- nothing does", () => {
  const asked: [string[], ReturnType<typeof helpAsked>][] = [
    [["-h"], "common"],
    [["--depth", "8", "--help"], "common"],
    [["--help", "all"], "all"],
    [["-h", "all"], "all"],
    [["--help=all"], "all"],
    [["--depth", "8"], undefined],
    [["--", "-h"], undefined],
  ];
  for (const [args, wanted] of asked) assert.equal(helpAsked(args), wanted, args.join(" "));
});

const lists = "`deno task train --help all` lists its flags";

const refused: [what: string, command: Command, args: string[], message: string][] = [
  ["a typing error", plain, ["--dept", "8"], "--dept is not a flag of train; did you mean --depth?"],
  [
    "an underscore",
    plain,
    ["--learning_rate=1"],
    "--learning_rate is not a flag of train; did you mean --learning-rate?",
  ],
  ["a synonym", plain, ["--lr", "1"], "--lr is not a flag of train; did you mean --learning-rate?"],
  ["a synonym with one dash", plain, ["-lr", "1"], "-lr is not a flag of train; did you mean --learning-rate?"],
  ["a synonym with a value", plain, ["--gpu"], "--gpu is not a flag of train; did you mean --device cuda?"],
  [
    "a synonym of two",
    plain,
    ["--data-dir", "x"],
    "--data-dir is not a flag of train; did you mean --cache or --images?",
  ],
  ["a synonym of a switch", plain, ["--overwrite"], "--overwrite is not a flag of train; did you mean --force?"],
  [
    "a word without a flag",
    plain,
    ["--optimizer", "adam"],
    "--optimizer is not a flag of train: training uses Nesterov momentum SGD; --momentum and --learning-rate set it",
  ],
  ["an unknown flag", plain, ["--frobnicate"], `--frobnicate is not a flag of train; ${lists}`],
  ["an unknown letter", plain, ["-x"], `-x is not a flag of train; ${lists}`],
  ["a name that all objects have", plain, ["--constructor"], `--constructor is not a flag of train; ${lists}`],
  [
    "a flag of another command",
    plain,
    ["--opset", "17"],
    `--opset is not a flag of train, but of other commands; ${lists}`,
  ],
  ["a missing value", plain, ["--depth"], "--depth needs a value"],
  ["a missing value before a flag", plain, ["--init", "--force"], "--init needs a value"],
  ["a value for a switch", plain, ["--force=yes"], "--force takes no value"],
  ["a value for a boolean", plain, ["--shuffle=no"], "--shuffle takes no value; write --shuffle or --no-shuffle"],
  [
    "a word behind a boolean",
    plain,
    ["--no-shuffle", "true"],
    '--no-shuffle takes no value "true"; write --shuffle or --no-shuffle',
  ],
  ["an argument", plain, ["quick"], 'train takes no argument "quick", only flags'],
  ["a bad argument", withArgument, ["tabel1"], 'train: "tabel1" is not one of table1, table4; did you mean table1?'],
  ["two arguments", withArgument, ["table1", "table4"], 'train takes one of table1, table4, not "table4" too'],
  [
    "a preset without fields",
    { ...plain, fields: [] },
    ["--preset", "quick"],
    `--preset is not a flag of train; ${lists}`,
  ],
  ["a control character", plain, ["--\x1b[2J"], `--\\u001b[2J is not a flag of train; ${lists}`],
];

for (const [what, command, args, message] of refused) {
  Deno.test(`refused in one sentence: ${what}`, () => {
    assert.throws(() => parseFlags(command, args), new UsageError(message));
  });
}

Deno.test("a flag of a megabyte is cut", () => {
  assert.throws(() => parseFlags(plain, [`--${"x".repeat(1e6)}`]), ({ message }: Error) => message.length < 200);
});

Deno.test("a number that is infinite or none is shown as it was written", async () => {
  for (const text of ["1e400", "nan", "", " ", "0x1", " 1", "1_0", "１", "Infinity", "1,5"]) {
    const { given } = parseFlags(plain, [`--learning-rate=${text || "''"}`]);
    await assert.rejects(
      configurationOf({ given }),
      /^UsageError: --learning-rate: ".*" is not a number above 0 and at most 1e6$/,
    );
  }
});

Deno.test("a configuration file sets fields; one that is missing or not JSON is refused", () =>
  inTemporaryFolder(async (folder) => {
    const config = `${folder}/a.json`;
    await Deno.writeTextFile(config, '{"depth": 20}');
    assert.equal((await configurationOf({ config })).depth, 20);
    await Deno.writeTextFile(config, "{");
    await assert.rejects(
      configurationOf({ config }),
      new UsageError(`--config: ${config} is not JSON; name a JSON file of fields`),
    );
    await assert.rejects(
      configurationOf({ config: "/nowhere.json" }),
      new UsageError("--config: /nowhere.json does not exist; name a JSON file of fields"),
    );
  }));
