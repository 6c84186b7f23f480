import assert from "#assert";
import { datasetPaths, runPaths } from "../../../pipeline/run/paths.ts";

Deno.test("two folders of one name in different places are two data sets", () => {
  const of = (images: string) => datasetPaths({ cache: "cache", dataset: "folder", images }).decoded;
  assert.match(of("/a/pictures"), /^cache\/folder\/pictures-[0-9a-f]{8}\/dataset\.safetensors$/);
  assert.notEqual(of("/a/pictures"), of("/b/pictures"));
  assert.equal(of("/a/pictures/"), of("/a/pictures"));
});

Deno.test("every file of a run lies in its folder, each under a name of its own", () => {
  const { run, folder, epoch, models, ...files } = runPaths({ runs: "all", run: "mine" });
  assert.deepEqual([run, folder], ["mine", "all/mine"]);
  const { model, ...others } = files;
  assert.equal(model, models.float32);
  const paths = [...Object.values(others), ...Object.values(models), epoch(7)];
  for (const path of paths) assert.ok(path.startsWith("all/mine/"), path);
  assert.equal(new Set(paths).size, paths.length);
  assert.match(epoch(7), /epoch-0007\.safetensors$/);
});
