import assert from "#assert";
import { groups } from "../../../pipeline/configuration/fields/field.ts";
import { Configuration, type Field, fieldInfo, fieldNames } from "../../../pipeline/configuration/fields.ts";

Deno.test("every field has a flag of its own, a group, a description and says what it must be", () => {
  const infos = fieldNames.map(fieldInfo);
  assert.equal(new Set(infos.map(({ flag }) => flag)).size, fieldNames.length);
  for (const { flag, expects, description, group } of infos) {
    assert.ok(/^--[a-z-]+$/.test(flag) && expects && description && group in groups, flag);
  }
});

/** Reads a bound as a message writes it. */
const bound = (text: string): number => text === "2^53 - 1" ? 2 ** 53 - 1 : Number(text);

/** Reads the sentence of a range; gives the numbers that it allows. */
function allowedBy(expects: string): (value: number) => boolean {
  const range = /^(?<noun>.*?),? (?<from>from|above) (?<low>\S+) (?:to|and)(?<upper> below| at most|) (?<high>.+)$/;
  const { noun, from, low, upper, high } = range.exec(expects)!.groups!;
  const nouns: Record<string, (value: number) => boolean> = {
    "a number": () => true,
    "a whole number": Number.isInteger,
    "an even number": (value) => value % 2 === 0,
    "a multiple of 4": (value) => value % 4 === 0,
    "6 k + 2 (resnet) or 9 k + 2 (resnext) for a whole k": (value) => value % 6 === 2 || value % 9 === 2,
  };
  assert.ok(noun! in nouns, expects);
  return (value) =>
    nouns[noun!]!(value) && (from === "from" ? value >= bound(low!) : value > bound(low!)) &&
    (upper === " below" ? value < bound(high!) : value <= bound(high!));
}

const powers = Array.from({ length: 36 }, (_, at) => 10 ** (at - 12));
const integers = Array.from({ length: 1300 }, (_, at) => at - 10);
const others = [
  0.5,
  1.5,
  99.5,
  100,
  100.5,
  4096,
  65535,
  65536,
  65537,
  2 ** 53 - 1,
  2 ** 53,
  1e6 + 1,
  1e9 + 1,
  1e6 - 0.5,
];
const candidates = [...powers, ...integers, ...others, 1 - 1e-9, 1 + 1e-9].flatMap((value) => [value, -value]);

for (const name of fieldNames.filter((name) => fieldInfo(name).kind === "number")) {
  Deno.test(`${name} takes exactly the numbers that its message allows`, () => {
    const allowed = allowedBy(fieldInfo(name).expects);
    for (const value of [...candidates, Infinity, -Infinity]) {
      assert.equal(accepts(name, value), allowed(value) && Number.isFinite(value), `${value}`);
    }
  });
}

const accepts = (name: Field, value: unknown): boolean => Configuration.shape[name].safeParse(value).success;

Deno.test("a field with a list of values takes these and no others", () => {
  for (const name of fieldNames) {
    const { choices, initial } = fieldInfo(name);
    if (!choices) continue;
    assert.ok(choices.every((value) => accepts(name, value)), name);
    assert.ok(!accepts(name, "other") && (initial === undefined || choices.includes(String(initial))), name);
  }
});

Deno.test("the items of a list are values of the field", () => {
  for (const name of fieldNames) {
    for (const item of fieldInfo(name).items ?? []) assert.ok(accepts(name, item), `${name} ${item}`);
  }
});

Deno.test("files of runs keep the order of the fields", () => {
  const order = fieldNames.join(" ");
  assert.match(
    order,
    /^run runs cache dataset from images imageSize fit holdOut validation unreadable architecture depth width/,
  );
  assert.match(
    order,
    /weightDecay augment shuffle seed init maxSteps logEvery .* nonFinite labelSmoothing .* shakeStrength engine device/,
  );
  assert.match(order, /model top format urls opset tolerance parityImages$/);
});
