import assert from "#assert";
import { runStage, type Stage, whyStale } from "../../../pipeline/run/stage_record.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

/** Runs a test with a stage that has been run once. */
const withStage = (test: (stage: Stage, folder: string) => Promise<void>) => () =>
  inTemporaryFolder(async (folder) => {
    const stage: Stage = {
      name: "copy",
      record: `${folder}/out/copy.json`,
      settings: { epochs: 5, from: undefined },
      inputs: [`${folder}/in`],
      outputs: [`${folder}/out/result`],
    };
    await Deno.mkdir(`${folder}/out`);
    await Deno.writeTextFile(`${folder}/in`, "input");
    await runStage(stage, testContext(), () => Deno.writeTextFile(`${folder}/out/result`, "output"));
    await test(stage, folder);
  });

Deno.test(
  "a stage that has run is up to date, and is not run",
  withStage(async (stage) => {
    const context = testContext();
    await runStage(stage, context, () => assert.fail("it ran"));
    assert.deepEqual(context.lines, ["copy: up to date"]);
  }),
);

Deno.test(
  "--force runs it",
  withStage(async (stage) => {
    const context = testContext({ force: true });
    let ran = false;
    await runStage(stage, context, () => Promise.resolve(void (ran = true)));
    assert.ok(ran);
    assert.deepEqual(context.lines, ["copy: running (--force)"]);
  }),
);

const changes: Record<
  string,
  { change: (folder: string) => Promise<void>; settings?: Record<string, unknown>; why: string }
> = {
  "an input that changed": {
    change: (folder) => Deno.writeTextFile(`${folder}/in`, "other"),
    why: "input FOLDER/in changed",
  },
  "an output that changed": {
    change: (folder) => Deno.writeTextFile(`${folder}/out/result`, "x"),
    why: "output FOLDER/out/result changed",
  },
  "an output that is missing": {
    change: (folder) => Deno.remove(`${folder}/out/result`),
    why: "output FOLDER/out/result is missing",
  },
  "a record that is missing": { change: (folder) => Deno.remove(`${folder}/out/copy.json`), why: "never run" },
  "a record that is damaged": {
    change: (folder) => Deno.writeTextFile(`${folder}/out/copy.json`, "{"),
    why: "FOLDER/out/copy.json is damaged",
  },
  "a setting that changed": { change: async () => {}, settings: { epochs: 6 }, why: "epochs changed from 5 to 6" },
  "a setting that is new": {
    change: async () => {},
    settings: { epochs: 5, from: "a" },
    why: 'from changed from its default to "a"',
  },
};

for (const [what, { change, settings, why }] of Object.entries(changes)) {
  Deno.test(
    `it runs again for, and names, ${what}`,
    withStage(async (stage, folder) => {
      await change(folder);
      assert.equal(await whyStale({ ...stage, settings: settings ?? stage.settings }), why.replace("FOLDER", folder));
    }),
  );
}

Deno.test(
  "a folder that was moved holds its stages",
  withStage(async (stage, folder) => {
    await Deno.rename(folder, `${folder}-moved`);
    const moved = (path: string) => path.replace(folder, `${folder}-moved`);
    assert.equal(
      await whyStale({
        ...stage,
        record: moved(stage.record),
        inputs: stage.inputs.map(moved),
        outputs: stage.outputs.map(moved),
      }),
      undefined,
    );
    await Deno.rename(`${folder}-moved`, folder);
  }),
);

Deno.test(
  "a stage that fails is not recorded",
  withStage(async (stage) => {
    await assert.rejects(
      runStage({ ...stage, settings: { epochs: 6 } }, testContext(), () => Promise.reject(new Error("no"))),
    );
    assert.equal(await whyStale({ ...stage, settings: { epochs: 6 } }), "epochs changed from 5 to 6");
  }),
);

Deno.test(
  "a file that the stage read or wrote, and that is none of its files now, makes it run",
  withStage(async (stage, folder) => {
    await Deno.writeTextFile(`${folder}/constructor`, "another input");
    const more = { ...stage, inputs: [...stage.inputs, `${folder}/constructor`] };
    assert.equal(await whyStale(more), `input ${folder}/constructor is new`);
    await runStage(more, testContext(), () => Promise.resolve());
    assert.equal(await whyStale(more), undefined);
    assert.match(await whyStale(stage) ?? "", /^input .*constructor is no longer used$/);
  }),
);
