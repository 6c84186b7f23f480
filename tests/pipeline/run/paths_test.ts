import assert from "#assert";
import { type DataFields, datasetPaths, runPaths } from "../../../pipeline/run/paths.ts";

const folder: DataFields = {
  ...{ cache: "cache", dataset: "folder", images: "/a/pictures" },
  ...{ imageSize: 32, fit: "crop", holdOut: 0.1, unreadable: "refuse" },
};

Deno.test("a folder of pictures is a data set for each way to decode it, and records are one whatever the settings", () => {
  const changes: Partial<DataFields>[] = [
    ...[{}, { imageSize: 48 }, { fit: "pad" as const }, { holdOut: 0.2 }, { unreadable: "skip" as const }],
  ];
  const decoded = changes.map((change) => datasetPaths({ ...folder, ...change }).decoded);
  assert.equal(new Set(decoded).size, changes.length);
  const records = changes.map((change) => datasetPaths({ ...folder, ...change, dataset: "cifar-10" }).decoded);
  assert.deepEqual(new Set(records), new Set(["cache/cifar-10/dataset.safetensors"]));
});

Deno.test("two folders of one name in different places are two data sets", () => {
  const of = (images: string) => datasetPaths({ ...folder, images }).decoded;
  assert.match(of("/a/pictures"), /^cache\/folder\/pictures-[0-9a-f]{8}\/32-crop-[0-9a-f]{8}\/dataset\.safetensors$/);
  assert.notEqual(of("/a/pictures"), of("/b/pictures"));
  assert.equal(of("/a/pictures/"), of("/a/pictures"));
});

Deno.test("every file of a run lies in its folder, each under a name of its own", () => {
  const { run, runs: _runs, flags: _flags, folder, epoch, models, ...files } = runPaths({ runs: "all", run: "mine" });
  assert.deepEqual([run, folder], ["mine", "all/mine"]);
  const { model, ...others } = files;
  assert.equal(model, models.float32);
  const paths = [...Object.values(others), ...Object.values(models), epoch(7)];
  for (const path of paths) assert.ok(path.startsWith("all/mine/"), path);
  assert.equal(new Set(paths).size, paths.length);
  assert.match(epoch(7), /epoch-0007\.safetensors$/);
});

Deno.test("the flags of a run name its folder of runs too, unless it is the usual one", () => {
  assert.equal(runPaths({ runs: "runs", run: "mine" }).flags, "--run mine");
  assert.equal(runPaths({ runs: "/a b/runs", run: "mine" }).flags, "--run mine --runs '/a b/runs'");
});
