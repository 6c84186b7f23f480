/** Training in several processes of Open MPI. */
import assert from "#assert";
import { readCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import type { Configuration, Given } from "../../../pipeline/configuration/fields.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { assertClose } from "../../support/assert_close.ts";
import { childrenOf, ended, hasMpi, KILLED, startRanks, startTeam } from "../../support/mpi.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { waitUntil } from "../../support/wait_until.ts";

const ignore = !hasMpi;

/** A tiny run, and the arguments that train it in several processes. */
async function teamRun(folder: string, fields: Given) {
  const configuration = await tinyRun(folder, { learningRate: 0.01, ...fields });
  const file = `${folder}/${configuration.run}.json`;
  await Deno.writeTextFile(file, JSON.stringify(configuration));
  return { configuration, args: ["train", "--config", file, "--distributed", "mpi"] };
}

async function metricsOf(configuration: Configuration): Promise<Record<string, number>[]> {
  const text = await Deno.readTextFile(runPaths(configuration).metrics);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

async function lastOf(configuration: Configuration) {
  const net = networkOf(configuration, await loadDataset(configuration));
  return await readCheckpoint(runPaths(configuration).last, net, "");
}

/** Waits until a run has logged a step, or its job has ended. */
const untilStep = (step: number, configuration: Configuration, job: Promise<unknown>) =>
  waitUntil(`step ${step}`, async () => {
    const text = await Deno.readTextFile(runPaths(configuration).metrics).catch(() => "");
    return text.includes(`"step":${step},`);
  }, job);

Deno.test(
  { name: "two processes log the losses of one, and three continue what two began", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const alone = await tinyRun(folder, { learningRate: 0.01, run: "alone", batch: 12, epochs: 3 });
      await train.run(alone, testContext());
      const { configuration, args } = await teamRun(folder, { run: "team", batch: 12, epochs: 3 });
      const first = await ended(startTeam(2, [...args, "--max-steps", "5"]));
      assert.equal(first.code, 0, first.stderr);
      assert.equal((await lastOf(configuration)).position.step, 5);
      const then = await ended(startTeam(3, [...args, "--resume"]));
      assert.equal(then.code, 0, then.stderr);
      assert.match(then.stderr, /train: continuing after step 5/);
      const [one, three] = [await metricsOf(alone), await metricsOf(configuration)];
      assert.deepEqual(three.map(({ step, epoch }) => [step, epoch]), one.map(({ step, epoch }) => [step, epoch]));
      one.forEach((line, at) =>
        assertClose(Object.values(three[at]!), Object.values(line), 1e-4, `line ${at}, number`)
      );
      assert.equal(then.stderr.match(/epoch 3\/3/g)?.length, 1, "one process speaks");
    }),
);

Deno.test(
  { name: "processes with other flags refuse to start together, with one sentence", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const { configuration, args } = await teamRun(folder, { run: "unequal" });
      const ranks = [args, [...args, "--seed", "7"]].map((args) => ["pipeline/main.ts", ...args]);
      const { code, stderr } = await ended(startRanks(ranks));
      assert.equal(code, 2);
      assert.equal(stderr.match(/^error: .*/gm)!.length, 1);
      assert.match(stderr, /^error: rank 1 has seed 7, rank 0 has 1: start all processes with the same flags/m);
      await assert.rejects(Deno.stat(runPaths(configuration).last), "nothing is trained");
    }),
);

Deno.test(
  { name: "a process that is killed ends the job, and what was trained is there", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const { configuration, args } = await teamRun(folder, { run: "killed", epochs: 100_000, saveSeconds: 1 });
      await using job = startTeam(2, args);
      const output = ended(job);
      await untilStep(3, configuration, output);
      const ranks = await childrenOf(job.pid);
      Deno.kill(ranks.at(-1)!, "SIGKILL");
      const { code, stderr } = await output;
      assert.notEqual(code, 0);
      assert.match(stderr, KILLED);
      assert.match(
        stderr,
        /train: stopped after step \d+ of \d+; continue with\n {2}deno task train --config \S+\/killed\/config\.json --resume\n/,
      );
      assert.ok((await lastOf(configuration)).position.step >= 3);
    }),
);

Deno.test(
  { name: "SIGUSR1 stops all processes after the same step", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const { configuration, args } = await teamRun(folder, { run: "told", epochs: 100_000 });
      await using job = startTeam(2, args);
      const output = ended(job);
      await untilStep(2, configuration, output);
      Deno.kill(job.pid, "SIGUSR1");
      const { code, stderr } = await output;
      assert.notEqual(code, 0);
      const step = Number(/train: stopped after step (\d+) of/.exec(stderr)?.[1]);
      assert.equal((await lastOf(configuration)).position.step, step);
    }),
);

Deno.test(
  { name: "a process that hangs ends the job in time, and what was trained is there", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const { configuration, args } = await teamRun(folder, { run: "hung", epochs: 100_000 });
      await using job = startTeam(2, [...args, "--rank-timeout", "10"]);
      const output = ended(job);
      await untilStep(2, configuration, output);
      Deno.kill((await childrenOf(job.pid)).at(-1)!, "SIGSTOP");
      const { code, stderr } = await output;
      assert.notEqual(code, 0);
      assert.match(stderr, /^error: rank 1 has not answered within 10 s \(--rank-timeout\): a process hangs, or/m);
      const step = Number(/train: stopped after step (\d+) of/.exec(stderr)?.[1]);
      assert.equal((await lastOf(configuration)).position.step, step);
    }),
);

Deno.test(
  { name: "processes of mpirun that would each work alone are refused", ignore },
  () =>
    inTemporaryFolder(async (folder) => {
      const { args } = await teamRun(folder, { run: "unrelated" });
      // One process of the program is enough.
      await Deno.writeTextFile(`${folder}/idle.ts`, "");
      const ranks = [["pipeline/main.ts", ...args.slice(0, -2)], [`${folder}/idle.ts`]];
      const { code, stderr } = await ended(startRanks(ranks));
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^error: mpirun started 2 processes, but each would work alone .* add --distributed mpi, or/m,
      );
    }),
);
