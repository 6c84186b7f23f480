import assert from "#assert";
import { type Kind, type Post, RollCall } from "../../../engine/distributed/roll_call.ts";

/** Roll calls of processes whose messages arrive at once, except those to and from the `cut` ones. */
function rollCalls(size: number, cut: ReadonlySet<number> = new Set()): RollCall[] {
  const boxes = Array.from({ length: size }, () => ({ call: [], answer: [] }) as Record<Kind, Message[]>);
  const postOf = (from: number): Post => ({
    send: (rank, kind, round) => cut.has(rank) || cut.has(from) || boxes[rank]![kind].push({ rank: from, round }),
    receive: (kind) => boxes[from]![kind].shift(),
  });
  return Array.from({ length: size }, (_, rank) => new RollCall(postOf(rank), rank, size));
}

type Message = { readonly rank: number; readonly round: number };

Deno.test("nobody is silent before the first call", () => {
  assert.deepEqual(rollCalls(3)[0]!.silent, []);
});

Deno.test("all others are silent until they attend", () => {
  const [first, second, third] = rollCalls(3) as [RollCall, RollCall, RollCall];
  second.begin();
  assert.deepEqual(second.silent, [0, 2]);
  third.attend();
  second.attend();
  assert.deepEqual(second.silent, [0]);
  first.attend();
  second.attend();
  assert.deepEqual(second.silent, []);
});

Deno.test("a process behind a cut link stays silent", () => {
  const calls = rollCalls(3, new Set([2]));
  calls[0]!.begin();
  for (const call of calls) call.attend();
  calls[0]!.attend();
  assert.deepEqual(calls[0]!.silent, [2]);
});

Deno.test("an answer to an earlier call does not count", () => {
  const [first, second] = rollCalls(2) as [RollCall, RollCall];
  first.begin();
  second.attend();
  first.begin();
  first.attend();
  assert.deepEqual(first.silent, [1]);
});
