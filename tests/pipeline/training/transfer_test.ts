/** Training that starts from weights of other classes or another stem, and keeps a part of them. */
import assert from "#assert";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { writeFileAtomic } from "../../../data/files/files.ts";
import { decodeSafetensors } from "../../../data/files/safetensors.ts";
import { isFrozen, isOfHead } from "../../../model/freezing.ts";
import { encodeWeights } from "../../../pipeline/run/initial_weights.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { bytesOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

type Run = ReturnType<typeof tinyFolder>;

/** Trains two steps on pictures of some classes, and returns the run and its log. */
async function trained(folder: string, run: string, classes: readonly string[], fields: Given = {}) {
  const images = `${folder}/${classes.join("")}`;
  await writeClasses(images, classes);
  const configuration = tinyFolder(folder, { images, run, maxSteps: 2, validation: "none", ...fields });
  const context = testContext();
  await preprocess.run(configuration, context);
  await trainStage(configuration, context);
  return { configuration, lines: context.lines.filter((line) => /--init/.test(line)) };
}

const tensorsOf = async (run: Run) => decodeSafetensors(await bytesOf(run, "last"), "last").tensors;
const isNew = "train: the weights of --init are for other classes, so the classifier is new";

Deno.test("weights of other classes give the body, frozen parts keep its bytes, and the classifier is new", () =>
  inTemporaryFolder(async (folder) => {
    const first = await trained(folder, "first", ["a", "b", "c"]);
    const init = runPaths(first.configuration).last;
    const before = await tensorsOf(first.configuration);
    for (const freeze of ["none", "stage2", "body"] as const) {
      const next = await trained(folder, freeze, ["d", "e"], { init, freeze, learningRate: 0.01 });
      assert.deepEqual(next.lines, [isNew]);
      const after = await tensorsOf(next.configuration);
      assert.deepEqual(after["weights/dense/bias"]!.shape, [2]);
      for (const [name, { data }] of Object.entries(before)) {
        const [kind, variable] = [name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1)];
        if (kind === "momentum" || isOfHead(variable)) continue;
        const same = data.every((value, at) => value === after[name]!.data[at]);
        assert.equal(same, isFrozen(variable, freeze), `${freeze}: ${name}`);
      }
    }
  }));

Deno.test("as many other classes have a new classifier, the same classes keep theirs", () =>
  inTemporaryFolder(async (folder) => {
    const first = await trained(folder, "first", ["a", "b"]);
    const init = runPaths(first.configuration).last;
    // A rate of almost 0 leaves the weights where they begin.
    const still = { init, learningRate: 1e-12, weightDecay: 0, maxSteps: 1 };
    const head = async (run: Run) => (await tensorsOf(run))["weights/dense/kernel"]!.data;
    const same = await trained(folder, "same", ["a", "b"], still);
    assert.deepEqual(same.lines, []);
    assert.deepEqual(await head(same.configuration), await head(first.configuration));
    const other = await trained(folder, "other", ["d", "e"], still);
    assert.deepEqual(other.lines, [isNew]);
    assert.notDeepEqual(await head(other.configuration), await head(first.configuration));
    // A file of weights alone names its classes itself.
    const tensors = await tensorsOf(first.configuration);
    const weights = `${folder}/weights.safetensors`;
    await writeFileAtomic(weights, encodeWeights(tensors as never, ["d", "e"]));
    const carried = await trained(folder, "carried", ["d", "e"], { ...still, init: weights });
    assert.deepEqual(carried.lines, []);
    assert.deepEqual(await head(carried.configuration), await head(first.configuration));
  }));

Deno.test("a stem of two convolutions starts from weights with one, and one from two is refused", () =>
  inTemporaryFolder(async (folder) => {
    const one = await trained(folder, "one", ["a", "b"], { imageSize: 16 });
    const init = runPaths(one.configuration).last;
    const two = await trained(folder, "two", ["a", "b"], { imageSize: 16, stem: "4", init });
    assert.deepEqual(two.lines, ["train: the weights of --init have no stem/conv2/kernel, which is new"]);
    await assert.rejects(
      trained(folder, "back", ["a", "b"], { imageSize: 16, init: runPaths(two.configuration).last }),
      /of another network: it has /,
    );
  }));

Deno.test("a smaller rate of the body moves it by as much less, and the classifier by the whole rate", () =>
  inTemporaryFolder(async (folder) => {
    const first = await trained(folder, "first", ["a", "b"]);
    const init = runPaths(first.configuration).last;
    const before = await tensorsOf(first.configuration);
    const moved = async (run: string, bodyRate: number) => {
      const fields = { init, bodyRate, maxSteps: 1, learningRate: 0.01, momentum: 0, weightDecay: 0 };
      const after = await tensorsOf((await trained(folder, run, ["a", "b"], fields)).configuration);
      const distance = (name: string) =>
        Math.hypot(...Array.from(after[name]!.data, (value, at) => value - before[name]!.data[at]!));
      return { body: distance("weights/stage3/block1/branch1/conv1/kernel"), head: distance("weights/dense/kernel") };
    };
    const [whole, tenth] = [await moved("whole", 1), await moved("tenth", 0.1)];
    assert.ok(Math.abs(tenth.body / whole.body - 0.1) < 1e-3, `${tenth.body} of ${whole.body}`);
    assert.equal(tenth.head, whole.head);
  }));
