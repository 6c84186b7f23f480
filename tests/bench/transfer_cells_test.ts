import assert from "#assert";
import { cellsOf, parseSizes, trainingFlags } from "../../bench/transfer_cells.ts";
import { configurationOf, parseFlags } from "../../pipeline/cli/flags.ts";
import { train } from "../../pipeline/commands/train.ts";
import { pretrainedRun } from "../../pipeline/configuration/pretrained.ts";

const configured = (flags: readonly string[]) => configurationOf(parseFlags(train, ["--images", "pictures", ...flags]));
const cell = { pictures: 10, epochs: 5, seed: 7 };

Deno.test("sizes are numbers of pictures with their epochs; another text is an error that shows it", () => {
  assert.deepEqual(parseSizes("10:60,200:15"), [{ pictures: 10, epochs: 60 }, { pictures: 200, epochs: 15 }]);
  for (const text of ["10", "10:", "0:5", "10:5,", "10:5:5", "a:b"]) {
    assert.throws(() => parseSizes(text), /is not PICTURES:EPOCHS/);
  }
});

Deno.test("every arm is measured with the first seed at every size before the second seed begins", () => {
  const cells = cellsOf(parseSizes("10:2,50:2"), ["scratch", "carried"], 2);
  const texts = cells.map(({ seed, pictures, arm }) => `${seed} ${pictures} ${arm}`);
  const ofSeed = (seed: number) =>
    ["10 scratch", "10 carried", "50 scratch", "50 carried"].map((of) => `${seed} ${of}`);
  assert.deepEqual(texts, [...ofSeed(1), ...ofSeed(2)]);
});

for (const size of [16, 32, 128]) {
  Deno.test(`the arm "network" trains the network of the carried weights anew, at ${size} pixels`, async () => {
    const ofArm = async (arm: "network" | "carried") => {
      const { init, whitening, ...other } = await configured([
        ...trainingFlags({ ...cell, arm }, size, []),
        ...["--image-size", `${size}`],
      ]);
      return { init, whitening, other };
    };
    const [anew, carried] = [await ofArm("network"), await ofArm("carried")];
    assert.equal(anew.init, undefined);
    assert.equal(carried.init, "pretrained");
    assert.deepEqual(anew.other, carried.other);
    assert.equal(anew.other.width, pretrainedRun().network.width);
  });
}

Deno.test("flags that are given win over those of the comparison", async () => {
  const { epochs, seed, augment } = await configured(
    trainingFlags({ ...cell, arm: "scratch" }, 32, ["--epochs", "9", "--augment", "pad-crop:1"]),
  );
  assert.deepEqual({ epochs, seed, augment }, { epochs: 9, seed: 7, augment: "pad-crop:1" });
});
