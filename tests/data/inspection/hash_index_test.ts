import assert from "#assert";
import { GREATEST_DISTANCE, HashIndex } from "../../../data/inspection/hash_index.ts";
import { type Hash, hashDistance } from "../../../data/inspection/perceptual_hash.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

/** Random hashes, some of them with a few bits of another changed. */
function hashes(count: number): Hash[] {
  const next = uniformNumbers(3), word = () => Math.floor(next() * 2 ** 32);
  const found: Hash[] = [];
  for (let at = 0; at < count; at++) {
    const near: [number, number] = at % 2 === 0 ? [word(), word()] : [...found[at - 1]!];
    for (let flip = 0; at % 2 === 1 && flip < at % 15; flip++) near[flip % 2]! ^= 1 << Math.floor(next() * 32);
    found.push([near[0] >>> 0, near[1] >>> 0]);
  }
  return found;
}

Deno.test("a search finds every hash within the distance, each once, and no other", () => {
  const all = hashes(400), index = new HashIndex(all);
  for (const [at, hash] of all.entries()) {
    const expected = all.flatMap((other, number) => hashDistance(hash, other) <= GREATEST_DISTANCE ? [number] : []);
    assert.deepEqual([...index.near(hash, GREATEST_DISTANCE)].toSorted((a, b) => a - b), expected);
    const before = expected.filter((number) => number < at);
    assert.deepEqual([...index.near(hash, GREATEST_DISTANCE, at)].toSorted((a, b) => a - b), before);
  }
});
