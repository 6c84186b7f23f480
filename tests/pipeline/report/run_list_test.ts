import assert from "#assert";
import { lockFolder } from "../../../data/files/folder_lock.ts";
import { type ListedRun, listRuns, sortedRuns } from "../../../pipeline/report/run_list.ts";
import { runListText } from "../../../pipeline/report/run_list_text.ts";
import { makeCheckpointFolder } from "../../../pipeline/run/checkpoint.ts";
import { writeEvaluation } from "../../../pipeline/run/evaluation_file.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { SessionLog } from "../../../pipeline/run/session_log.ts";
import { sha256 } from "../../../pipeline/run/stage_record.ts";
import { evaluationOf } from "../../support/evaluation_of.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

/** Writes a run of ten steps that has done some of them. */
async function writeRun(runs: string, run: string, step: number): Promise<void> {
  await writeRunConfiguration({ runs, run, width: 8, depth: 14 });
  const begun = { engine: "onnxruntime", step: 0, steps: 10, stepsPerEpoch: 5, batch: 4 };
  await using session = await SessionLog.begin(runPaths({ runs, run }).sessions, begun);
  session.reached(step);
}

Deno.test("runs are done, stopped, running or damaged, with data, network and steps", () =>
  inTemporaryFolder(async (folder) => {
    const runs = `${folder}/runs`, place = { runs, cache: folder };
    assert.deepEqual(await listRuns(place), []);
    await writeRun(runs, "finished", 10);
    await writeRun(runs, "halted", 4);
    await writeRun(runs, "working", 4);
    await writeRun(runs, "broken", 4);
    await Deno.writeTextFile(`${runs}/broken/config.json`, "{");
    await Deno.mkdir(`${runs}/table`);
    await Deno.writeTextFile(`${runs}/finished/model.onnx`, "");
    using _lock = await lockFolder(`${runs}/working`, "a test");
    const listed = await listRuns(place);
    assert.deepEqual(listed.map(({ run, state }) => [run, state]), [
      ...[["broken", "damaged"], ["finished", "done"], ["halted", "stopped"], ["working", "running"]],
    ]);
    const [broken, finished, halted] = listed;
    assert.match(broken!.error!, /config\.json is not as/);
    const { dataset, network, step, steps, exported } = finished!;
    assert.deepEqual({ dataset, network, step, steps, exported }, {
      ...{ dataset: "shapes", network: "ShakeNet-14 2x8d", step: 10, steps: 10, exported: ["float32"] },
    });
    assert.deepEqual([halted!.step, halted!.exported], [4, []]);
  }));

Deno.test("the accuracy of a run is that of its checkpoint now, not of one that it has replaced or removed", () =>
  inTemporaryFolder(async (folder) => {
    const runs = `${folder}/runs`, paths = runPaths({ runs, run: "again" });
    await writeRun(runs, "again", 10);
    const accuracy = async () => (await listRuns({ runs, cache: folder }))[0]!.accuracy;
    await makeCheckpointFolder(paths);
    await Deno.writeTextFile(paths.best, "the first training");
    await Deno.writeTextFile(paths.last, "the first training");
    await writeEvaluation(paths, evaluationOf(["a", "b"], await sha256(paths.best)));
    assert.equal(await accuracy(), 1);
    await Deno.writeTextFile(paths.best, "trained again");
    assert.equal(await accuracy(), undefined);
    await Deno.remove(paths.best);
    assert.equal(await accuracy(), undefined, "a run that began again without a best checkpoint");
    await Deno.remove(paths.last);
    assert.equal(await accuracy(), 1, "a run whose checkpoints were removed to save space");
  }));

const run = (name: string, fields: Partial<ListedRun> = {}): ListedRun => ({ run: name, state: "done", ...fields });

Deno.test("runs are sorted the best, the quickest or the newest first; those without the measure come last", () => {
  const runs = [
    run("a", { accuracy: 0.5, loss: 2, seconds: 30, date: "2026-01-02T00:00:00.000Z" }),
    run("b", { loss: 1, seconds: 10, date: "2026-01-03T00:00:00.000Z" }),
    run("c", { validationAccuracy: 0.7, seconds: 20, date: "2026-01-01T00:00:00.000Z" }),
  ];
  const order = (by: Parameters<typeof sortedRuns>[1]) => sortedRuns(runs, by).map(({ run }) => run).join("");
  assert.deepEqual((["name", "accuracy", "loss", "time", "date"] as const).map(order), [
    "abc",
    "cab",
    "bac",
    "bca",
    "bac",
  ]);
});

Deno.test("the table aligns numbers, leaves out what is unknown and says why a run is damaged", () => {
  const text = runListText([
    run("first", { dataset: "cats", network: "ShakeNet", step: 5, steps: 10, accuracy: 0.5, loss: 1.25, seconds: 75 }),
    run("x", { state: "damaged", error: "config.json is cut\u001b[2J off" }),
  ]);
  const lines = text.split("\n");
  assert.match(lines[1]!, /^first {2}done +cats +ShakeNet +5\/10 +50\.00 % +1\.2500 +1m15s$/);
  assert.equal(lines[2], "x      damaged");
  assert.equal(lines[3], "x: config.json is cut\\u001b[2J off");
});
