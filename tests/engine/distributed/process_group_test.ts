import assert from "#assert";
import { alone, broadcastText, gatherTexts } from "../../../engine/distributed/process_group.ts";
import { virtualProcesses } from "../../support/virtual_processes.ts";

Deno.test("a text of one process reaches all, of any length and script", async () => {
  const groups = virtualProcesses(3);
  const received = await Promise.all(groups.map((group) => broadcastText(group, `rank ${group.rank}: äβ漢`, 2)));
  assert.deepEqual(received, Array(3).fill("rank 2: äβ漢"));
});

Deno.test("texts are collected by rank in every process", async () => {
  const groups = virtualProcesses(3);
  const collected = await Promise.all(groups.map((group) => gatherTexts(group, "x".repeat(group.rank))));
  assert.deepEqual(collected, Array(3).fill(["", "x", "xx"]));
});

Deno.test("a single process is a group of itself", async () => {
  const values = Float32Array.of(1, 2);
  await alone.sum(values);
  alone.sumNow(values);
  assert.deepEqual([...values], [1, 2]);
  assert.deepEqual(await gatherTexts(alone, "a"), ["a"]);
});
