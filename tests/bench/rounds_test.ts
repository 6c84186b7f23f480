import assert from "#assert";
import type { Figures, Peers } from "../../bench/commands.ts";
import { inRounds, type RoundsOptions } from "../../bench/rounds.ts";

/** Runs that take a minute each, by a clock of their own. */
function clocked() {
  const ran: string[] = [], said: string[] = [];
  let now = 0;
  const run = (name: string, ...results: (Figures | Error)[]) => () => {
    ran.push(name);
    now += 60_000;
    const result = results.length > 1 ? results.shift()! : results[0]!;
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
  };
  const options = (more: Partial<RoundsOptions> = {}): RoundsOptions => ({
    flags: {},
    rounds: 3,
    compared: ["train", "peak"],
    now: () => now,
    say: (text) => void said.push(text),
    signal: new AbortController().signal,
    ...more,
  });
  return { ran, said, run, options };
}

Deno.test("later rounds measure ours and the peers that lead in speed or memory", async () => {
  const { ran, run, options } = clocked();
  const peers: Peers = {
    eager: { run: run("eager", { train: 20, peak: 900 }) },
    compiled: { run: run("compiled", { train: 29, peak: 800 }, { train: 31, peak: 810 }, { train: 30, peak: 820 }) },
    lean: { run: run("lean", { train: 10, peak: 500 }) },
    JAX: { absent: "there is no JAX" },
  };
  const { own, peers: theirs, notes } = await inRounds({ ours: run("ours", { train: 40 }) }, peers, options());
  assert.deepEqual(ran, [
    ...["ours", "eager", "compiled", "lean"],
    ...["ours", "compiled", "lean"],
    ...["ours", "compiled", "lean"],
  ]);
  assert.deepEqual(own, { train: 40 });
  assert.deepEqual(theirs, {
    eager: { train: 20, peak: 900 },
    compiled: { train: 30, peak: 810 },
    lean: { train: 10, peak: 500 },
  });
  assert.deepEqual(notes, ["Measured in the first round only, where others were ahead: eager."]);
});

Deno.test("it says what runs, in which round, and then how long it took", async () => {
  const { said, run, options } = clocked();
  const peers: Peers = { baseline: { run: run("baseline", { train: 1 }) } };
  await inRounds({ "ours, training": run("ours", { train: 2 }) }, peers, options({ rounds: 1, label: "width 16: " }));
  assert.equal(
    said.join(""),
    "round 1 of 1: width 16: ours, training ... 60 s\nround 1 of 1: width 16: baseline ... 60 s\n",
  );
});

Deno.test("no round begins that would end after the limit, and the medians say so", async () => {
  const { ran, run, options } = clocked();
  const peers: Peers = { baseline: { run: run("baseline", { train: 1 }) } };
  const { notes } = await inRounds({ ours: run("ours", { train: 2 }) }, peers, options({ minutes: 5 }));
  assert.equal(ran.length, 4);
  assert.deepEqual(notes, [
    "Medians of 2 instead of 3 rounds: another takes 120 s, and 5 minutes are the limit; --minutes allows more.",
  ]);
});

Deno.test("a peer that would begin after the limit is left out", async () => {
  const { ran, run, options } = clocked();
  const peers: Peers = { a: { run: run("a", { train: 1 }) }, b: { run: run("b", { train: 3 }) } };
  const { notes } = await inRounds({ ours: run("ours", { train: 2 }) }, peers, options({ minutes: 1.5, rounds: 1 }));
  assert.deepEqual(ran, ["ours", "a"]);
  assert.deepEqual(notes, ["Without b: 1.5 minutes had passed; --minutes allows more."]);
});

Deno.test("a peer that fails is left out with its reason; a failure of ours is an error", async () => {
  const { ran, run, options } = clocked();
  const peers: Peers = { broken: { run: run("broken", new Error("python3 failed")) } };
  const { peers: theirs, notes } = await inRounds({ ours: run("ours", { train: 2 }) }, peers, options());
  assert.deepEqual(ran, ["ours", "broken", "ours", "ours"]);
  assert.deepEqual(theirs, { broken: {} });
  assert.deepEqual(notes, ["Without broken: python3 failed."]);
  await assert.rejects(inRounds({ ours: run("ours", new Error("deno failed")) }, {}, options()), /deno failed/);
});

Deno.test("a stop ends the rounds and keeps what was measured", async () => {
  const { ran, run, options } = clocked();
  const stop = new AbortController();
  const compiled = (flags: Figures) =>
    ran.filter((name) => name === "ours").length === 2
      ? (stop.abort(), Promise.reject(new Error("killed")))
      : run("compiled", { train: 3 })().then((figures) => ({ ...flags, ...figures }));
  const peers: Peers = { compiled: { run: (flags) => compiled(flags as Figures) } };
  const { own, peers: theirs, notes } = await inRounds(
    { ours: run("ours", { train: 2 }, { train: 4 }) },
    peers,
    options({ signal: stop.signal }),
  );
  assert.deepEqual({ own, theirs }, { own: { train: 4 }, theirs: { compiled: { train: 3 } } });
  assert.deepEqual(notes, ["Stopped in round 2 of 3."]);
});
