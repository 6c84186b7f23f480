import assert from "#assert";
import { waitUntil } from "./wait_until.ts";

const never = new Promise<never>(() => {});
const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

Deno.test("a wait ends when it has happened", async () => {
  let looks = 0;
  await waitUntil("three looks", () => ++looks === 3, never);
  assert.equal(looks, 3);
});

Deno.test("a wait ends when its process has ended, and says how", async () => {
  const ended = after(30).then(() => ({ code: 7, stderr: "error: no such file\n" }));
  await assert.rejects(
    waitUntil("the first step", () => false, ended),
    /^AssertionError.*: ended before the first step: code: 7\nstderr: error: no such file\n$/,
  );
  await assert.rejects(
    waitUntil("it", () => false, Promise.reject(new TypeError("gone"))),
    /before it: TypeError: gone$/,
  );
});

Deno.test("it may happen just before the end", async () => {
  let isDone = false;
  const ended = after(30).then(() => {
    isDone = true;
  });
  await waitUntil("the last step", async () => {
    const wasDone = isDone;
    await after(40);
    return wasDone;
  }, ended);
});
