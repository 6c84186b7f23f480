import assert from "#assert";
import type { Sharp } from "sharp";
import { twinsOf } from "../../../data/inspection/twins.ts";
import { figure, inspected, reduced, scene, scenes } from "../../support/inspected.ts";

const changes: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  "saved as JPEG": (picture) => picture.jpeg({ quality: 60 }),
  "saved as WebP": (picture) => picture.webp({ quality: 60 }),
  "enlarged and saved": (picture) => picture.resize(200, 200).jpeg({ quality: 80 }),
  "reduced and saved": (picture) => picture.resize(64, 64).jpeg({ quality: 90 }),
  "brightened": (picture) => picture.linear(1.15, 4).png(),
  "darkened": (picture) => picture.linear(0.8, 0).png(),
  "with more contrast": (picture) => picture.linear(1.2, -20).png(),
};

for (const [name, change] of Object.entries(changes)) {
  Deno.test(`a copy ${name} is found among other pictures`, async () => {
    const copy = await reduced(change(await scene(17)));
    const pictures = [...await scenes(30), copy].map((pixels, index) => inspected(pixels, { index }));
    const found = twinsOf(pictures).map(({ kind, pictures }) => ({ kind, at: pictures.map(({ index }) => index) }));
    assert.deepEqual(found, [{ kind: "alike", at: [17, 30] }]);
  });
}

Deno.test("a mirrored copy is found, and is said to be mirrored", async () => {
  const copy = await reduced((await scene(4)).flop().jpeg({ quality: 85 }));
  const pictures = [...await scenes(20), copy].map((pixels, index) => inspected(pixels, { index }));
  const found = twinsOf(pictures).map(({ kind, pictures }) => ({ kind, at: pictures.map(({ index }) => index) }));
  assert.deepEqual(found, [{ kind: "mirrored", at: [4, 20] }]);
});

Deno.test("files of the same bytes are identical, and a group has its least strict kind", async () => {
  const [other, pixels] = await scenes(2) as [Uint8Array, Uint8Array];
  const saved = await reduced((await scene(1)).jpeg());
  const pictures = [
    inspected(pixels, { index: 0, digest: "a" }),
    inspected(other, { index: 1, digest: "b" }),
    inspected(saved, { index: 2, digest: "c" }),
    inspected(pixels, { index: 3, digest: "a" }),
    inspected(other, { index: 4, digest: "b" }),
  ];
  const found = twinsOf(pictures).map(({ kind, pictures }) => ({ kind, at: pictures.map(({ index }) => index) }));
  assert.deepEqual(found, [{ kind: "alike", at: [0, 2, 3] }, { kind: "identical", at: [1, 4] }]);
});

Deno.test("blank pictures are copies only where their files are the same", () => {
  const blank = (shade: number) => new Uint8Array(32 * 32 * 3).fill(shade);
  const pictures = [[blank(1), "a"], [blank(2), "b"], [blank(250), "c"], [blank(2), "b"]] as const;
  const found = twinsOf(pictures.map(([pixels, digest], index) => inspected(pixels, { index, digest })));
  assert.deepEqual(found.map(({ kind, pictures }) => [kind, ...pictures.map(({ index }) => index)]), [[
    "identical",
    1,
    3,
  ]]);
});

Deno.test("the embedded data set, ten kinds of figures, has no false copies", () => {
  const pictures = Array.from({ length: 1500 }, (_, at) => inspected(figure(at), { index: at, label: at % 10 }));
  assert.deepEqual(twinsOf(pictures), []);
});

Deno.test("a signal stops the search, and progress ends with all pictures", () => {
  const pictures = Array.from({ length: 3 }, (_, at) => inspected(figure(at), { index: at }));
  const progress: number[] = [];
  twinsOf(pictures, { onProgress: (done) => progress.push(done) });
  assert.equal(progress.at(-1), 3);
  assert.throws(() => twinsOf(pictures, { signal: AbortSignal.abort(new Error("stopped")) }), /stopped/);
});
