import assert from "#assert";
import { whiteningFilters } from "../../../data/whitening.ts";
import { buildNetwork } from "../../../model/architectures.ts";
import { initialise } from "../../../model/initialise.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { STEM_KERNEL, withWhitenedStem } from "../../../pipeline/training/whitened_stem.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyRun } from "../../support/tiny_run.ts";

const others = { width: 2, branches: 2, groups: 2, skip: true, batchNorm: true, classes: 10 };

Deno.test("the first convolution takes as many whitening filters as there are, and nothing else changes", () =>
  inTemporaryFolder(async (folder) => {
    const dataset = await loadDataset(await tinyRun(folder));
    for (const [architecture, depth, filters] of [["resnet", 8, 16], ["resnext", 11, 54]] as const) {
      const net = buildNetwork({ ...others, architecture, depth });
      const drawn = initialise(net.variables, uniformNumbers);
      const { [STEM_KERNEL]: kernel, ...rest } = withWhitenedStem(drawn, net, dataset);
      const { [STEM_KERNEL]: before, ...unchanged } = drawn;
      const all = before!.shape[3]!, expected = before!.data.slice();
      whiteningFilters(dataset, { size: 3, filters }).forEach((value, at) =>
        expected[Math.floor(at / filters) * all + at % filters] = value
      );
      assert.deepEqual(kernel, { shape: before!.shape, data: expected }, architecture);
      assert.deepEqual(rest, unchanged);
    }
  }));
