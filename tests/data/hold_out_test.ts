import assert from "#assert";
import { createHash } from "node:crypto";
import { type DigestedFile, holdOut } from "../../data/hold_out.ts";

/** Files whose bytes are the digits of a number; the digest is SHA-256's. */
const files = (label: number, begin: number, end: number): DigestedFile[] =>
  Array.from({ length: end - begin }, (_, at) => ({
    path: `${label}/${begin + at}`,
    label,
    digest: createHash("sha256").update(String(begin + at)).digest("hex"),
  }));

/** A file with a digest that begins with the digits of a fraction: 0x80… is 0.5. */
const withDigest = (begin: string, label = 0): DigestedFile => ({
  path: begin,
  label,
  digest: begin.padEnd(64, "0"),
});

const paths = (split: readonly DigestedFile[]) => split.map(({ path }) => path);

Deno.test("the first bits of a picture's digest, as a fraction, decide its side", () => {
  // In sixteenths: 4 is 0.25, 7 is 0.4375, 8 is 0.5, f is 0.9375.
  const { train, test } = holdOut(["8", "7", "f", "4"].map((begin) => withDigest(begin)), 0.5);
  assert.deepEqual([paths(train), paths(test)], [["8", "f"], ["7", "4"]]);
});

Deno.test("about the share of many pictures is held out", () => {
  const { train, test } = holdOut(files(0, 0, 10_000), 0.1);
  assert.equal(train.length + test.length, 10_000);
  // Four standard deviations of the binomial distribution: 4 sqrt(10000 0.1 0.9) = 120.
  assert.ok(Math.abs(test.length - 1000) < 120, `${test.length}`);
});

Deno.test("added, removed and reordered pictures move none of the others", () => {
  const few = [...files(0, 0, 100), ...files(1, 100, 200)];
  const sides = (split: ReturnType<typeof holdOut>) => new Set(paths(split.test));
  const before = sides(holdOut(few, 0.2));
  const more = sides(holdOut([...files(1, 200, 260), ...few.toReversed(), ...files(0, 300, 360)], 0.2));
  for (const { path } of few) assert.equal(more.has(path), before.has(path), path);
  const fewer = sides(holdOut(few.filter((_, at) => at % 2), 0.2));
  for (const path of fewer) assert.ok(before.has(path), path);
});

Deno.test("copies of a file are on one side, in one class or in two", () => {
  const copies = ["1", "9"].flatMap((begin) =>
    [0, 0, 1].map((label, at) => ({ ...withDigest(begin, label), path: `${begin}-${at}` }))
  );
  const all = [...copies, withDigest("c", 0), withDigest("d", 1)];
  for (const share of [0.01, 0.5, 0.99]) {
    const { test } = holdOut(all, share);
    const count = (begin: string) => paths(test).filter((path) => path.startsWith(begin)).length;
    assert.ok([0, 3].includes(count("1")) && [0, 3].includes(count("9")), `${share}: ${paths(test)}`);
  }
});

for (
  const [share, test] of [[0.01, "the least digest in the test split"], [0.99, "the greatest in training"]] as const
) {
  Deno.test(`a class of two different pictures has one on each side: with a share of ${share}, ${test}`, () => {
    const pictures = ["8", "6", "6"].map((begin) => withDigest(begin));
    const { train, test } = holdOut(pictures, share);
    assert.deepEqual([paths(train), paths(test)], [["8"], ["6", "6"]]);
  });
}

Deno.test("the only picture of a class is a training picture", () => {
  const { train, test } = holdOut([withDigest("1", 0), withDigest("2", 1), withDigest("3", 1)], 0.99);
  assert.deepEqual([paths(train), paths(test)], [["1", "3"], ["2"]]);
});
