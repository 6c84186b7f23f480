/** The program of the processes of `open_mpi_test.ts`. */
import { openMpi } from "../../../engine/distributed/open_mpi.ts";
import { gatherTexts } from "../../../engine/distributed/process_group.ts";

const group = await openMpi({ timeout: 60 });
const { rank, size, localRank, localSize } = group;
const floats = Float32Array.of(rank + 1, 0.5), doubles = Float64Array.of(1 / 3), bytes = Uint8Array.of(rank, 7);
await group.sum(floats);
group.sumNow(doubles);
await group.broadcast(bytes, size - 1);
const texts = await gatherTexts(group, `rank ${rank}`);
console.log(JSON.stringify({ rank, size, localRank, localSize, floats, doubles, bytes, texts }));
await group.finish();
Deno.exit(0);
