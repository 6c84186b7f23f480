import assert from "#assert";
import { MpiUnavailableError, openMpi } from "../../../engine/distributed/open_mpi.ts";
import { ended, hasMpi, startRanks } from "../../support/mpi.ts";

Deno.test("without Open MPI one sentence says what to install", async () => {
  await assert.rejects(
    openMpi({ timeout: 1, library: "libnowhere.so.40" }),
    (error) =>
      error instanceof MpiUnavailableError &&
      /^--distributed mpi needs Open MPI, but its library libnowhere\.so\.40 does not load; install it \(.*apt-get install openmpi-bin/
        .test(error.message),
  );
});

Deno.test({ name: "sums, broadcasts and texts over three processes of Open MPI", ignore: !hasMpi }, async () => {
  const { code, stdout, stderr } = await ended(startRanks(Array(3).fill(["tests/engine/distributed/ranks.ts"])));
  assert.equal(code, 0, stderr);
  const said = stdout.trim().split("\n").map((line) => JSON.parse(line)).toSorted((a, b) => a.rank - b.rank);
  assert.deepEqual(said.map(({ rank }) => rank), [0, 1, 2]);
  for (const { rank, ...result } of said) {
    assert.deepEqual(result, {
      ...{ size: 3, localRank: rank, localSize: 3 },
      floats: { 0: 6, 1: 1.5 },
      doubles: { 0: 1 },
      bytes: { 0: 2, 1: 7 },
      texts: ["rank 0", "rank 1", "rank 2"],
    });
  }
});
