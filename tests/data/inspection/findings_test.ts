import assert from "#assert";
import type { Finding, FindingKind } from "../../../data/inspection/findings.ts";
import { inspect } from "../../../data/inspection/inspection.ts";
import type { Inspected } from "../../../data/inspection/observation.ts";
import type { InspectedPicture } from "../../../data/inspection/picture.ts";
import { figure, inspected } from "../../support/inspected.ts";

/** Twenty training and four test pictures of each of two classes, all different. */
function sound(): InspectedPicture[] {
  return Array.from({ length: 48 }, (_, at) => {
    const split = at < 40 ? "train" as const : "test" as const;
    const fields = { index: at, split, label: at % 2, digest: `${at}`, height: 60, width: 60 };
    return inspected(figure(at), { file: `${split}/${at}.png`, ...fields });
  });
}

function findings(pictures: readonly InspectedPicture[], others: Partial<Inspected> = {}): readonly Finding[] {
  return inspect({ labels: ["cat", "dog"], pictures, leftOut: [], isHeldOut: false, ...others }).findings;
}

const of = (found: readonly Finding[], kind: FindingKind) => found.find((finding) => finding.kind === kind);

/** A copy of a picture with other fields. */
const copy = (picture: InspectedPicture, fields: Partial<InspectedPicture>) => ({ ...picture, ...fields });

Deno.test("a sound data set has no findings", () => {
  assert.deepEqual(findings(sound()), []);
});

Deno.test("a copy of a training picture in the test split is a leak, named with its original", () => {
  const pictures = sound();
  const found = findings([...pictures, copy(pictures[3]!, { file: "test/leak.jpg", split: "test" })]);
  assert.deepEqual(found.map(({ kind }) => kind), ["leak"]);
  assert.match(found[0]!.says, /^1 picture outside the training split is a copy.*train\/3\.png = test\/leak\.jpg$/);
  assert.match(found[0]!.remedy, /delete the copies from the test/);
  const drawn = findings([...pictures, copy(pictures[3]!, { split: "test" })], { isHeldOut: true });
  assert.match(drawn[0]!.remedy, /the test split is drawn/);
});

Deno.test("a picture under two classes is torn, and a copy in its own class is repeated", () => {
  const pictures = sound();
  const torn = findings([...pictures, copy(pictures[2]!, { file: "dog.png", label: 1 })]);
  assert.deepEqual(torn.map(({ kind }) => kind), ["torn"]);
  assert.match(torn[0]!.says, /train\/2\.png \(cat\) = dog\.png \(dog\)$/);
  const repeated = findings([...pictures, copy(pictures[2]!, { file: "again.png" })]);
  assert.deepEqual(repeated.map(({ kind }) => kind), ["repeated"]);
});

Deno.test("classes without test pictures, or with one, and small classes are named with their counts", () => {
  const pictures = sound().filter(({ split, label }, at) => label === 0 || (split === "train" ? at < 17 : at === 47));
  const found = findings(pictures);
  assert.match(of(found, "untested")!.says, /dog \(1\)$/);
  assert.match(of(found, "small-class")!.says, /dog \(8\)$/);
  assert.equal(of(found, "imbalance"), undefined);
  assert.match(of(findings(pictures.filter(({ index }) => index !== 47)), "untested")!.says, /dog \(0\)$/);
  assert.match(of(findings(pictures, { isHeldOut: true }), "untested")!.remedy, /--hold-out/);
});

Deno.test("a class of three times the pictures of another is an imbalance", () => {
  const few = (most: number) =>
    sound().filter(({ split, label, index }) => split === "test" || label === 0 || index < most);
  assert.match(
    of(findings(few(13)), "imbalance")!.says,
    /^cat has 3 times as many training pictures as dog \(20 and 6\)/,
  );
  assert.equal(of(findings(few(15)), "imbalance"), undefined);
});

Deno.test("what to do speaks of one picture as one, and of several as several", () => {
  const damaged = (number: number) =>
    Array.from({ length: number }, (_, at) => ({ path: `cat/${at}.jpg`, reason: "damaged" as const }));
  const remedy = (number: number) => of(findings(sound(), { leftOut: damaged(number) }), "unreadable")!.remedy;
  assert.match(remedy(1), /^repair or delete it,/);
  assert.match(remedy(2), /^repair or delete them,/);
});

Deno.test("blank and tiny pictures, unreadable ones and other formats, and names that differ in case have a remedy", () => {
  const leftOut = [
    { path: "cat/broken.jpg", reason: "damaged" as const },
    { path: "cat/photo.heic", reason: "other format" as const },
    { path: "loose.jpg", reason: "beside the classes" as const },
  ];
  const blank = inspected(new Uint8Array(3072).fill(9), { file: "blank.png", index: 99, digest: "z", height: 12 });
  const found = findings([...sound(), blank], { leftOut, labels: ["cat", "Cat"] });
  const kinds = ["unreadable", "unsorted", "other-format", "blank", "small-pictures", "class-names"];
  assert.deepEqual(found.map(({ kind }) => kind), kinds);
  for (const { says, remedy } of found) {
    assert.ok(says.length > 10 && remedy.length > 10 && !/[.\n]$/.test(says + remedy));
  }
  assert.match(of(found, "blank")!.says, /blank\.png$/);
});
