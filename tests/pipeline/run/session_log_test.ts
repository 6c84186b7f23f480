import assert from "#assert";
import { readSessions, SessionLog } from "../../../pipeline/run/session_log.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const begin = (step: number) => ({
  ...{ event: "begin", time: "2024-01-01T00:00:00.000Z", engine: "e", step, steps: 9, stepsPerEpoch: 3, batch: 4 },
});
const end = (step: number) => ({
  event: "end",
  time: "2024-01-01T00:00:02.000Z",
  step,
  seconds: 2,
  imagesPerSecond: 6,
});

async function sessionsOf(...lines: readonly (object | string)[]) {
  let sessions: Awaited<ReturnType<typeof readSessions>> = [];
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/sessions.jsonl`;
    const text = lines.map((line) => typeof line === "string" ? line : JSON.stringify(line)).join("\n");
    await Deno.writeTextFile(path, text);
    sessions = await readSessions(path);
  });
  return sessions;
}

Deno.test("a session has its end, unless it crashed or still runs", async () => {
  const sessions = await sessionsOf(begin(0), end(3), begin(3), begin(3), end(6), begin(6));
  assert.deepEqual(sessions.map(({ begin, end }) => [begin.step, end?.step]), [[0, 3], [3, undefined], [3, 6], [
    6,
    undefined,
  ]]);
});

Deno.test("a line that is cut off or damaged is left out", async () => {
  const sessions = await sessionsOf(begin(0), { ...begin(3), batch: "4" }, '{"event":"end","time"');
  assert.deepEqual(sessions.map(({ end }) => end), [undefined]);
});

Deno.test("a run without sessions has none", async () => {
  assert.deepEqual(await readSessions("/nowhere/sessions.jsonl"), []);
});

Deno.test("lines that are other JSON, or no session, are left out", async () => {
  const damaged = ["null", "[]", "3", "{}", { ...begin(3), stepsPerEpoch: 0 }, { ...begin(3), time: "now" }];
  const sessions = await sessionsOf(begin(0), ...damaged, begin(3), end(6));
  assert.deepEqual(sessions.map(({ begin, end }) => [begin.step, end?.step]), [[0, undefined], [3, 6]]);
});

Deno.test("a session whose file is removed is written whole when it ends", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/sessions.jsonl`;
    {
      const { event: _event, time: _time, ...session } = begin(0);
      await using log = await SessionLog.begin(path, session);
      await Deno.remove(path);
      log.reached(3);
    }
    assert.deepEqual((await readSessions(path)).map(({ begin, end }) => [begin.step, end?.step]), [[0, 3]]);
  }));

Deno.test("the end of a session has the seconds to its first step, if it made one", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/sessions.jsonl`;
    const { event: _event, time: _time, ...session } = begin(0);
    for (const seconds of [7.9, undefined]) {
      await using log = await SessionLog.begin(path, { ...session, step: seconds === undefined ? 3 : 0 });
      if (seconds !== undefined) log.firstStep(seconds);
    }
    assert.deepEqual((await readSessions(path)).map(({ end }) => end!.secondsToFirstStep), [7.9, undefined]);
  }));
