import assert from "#assert";
import { mistakesText } from "../../../pipeline/report/page.ts";

Deno.test("one mistake is spoken of as one, several as several", () => {
  const text = (wrong: number) => mistakesText({ mistakes: [], wrong, areListed: true }, "mine");
  assert.match(text(1), /^One test picture is classified wrongly; /);
  assert.match(text(2), /^The 2 wrongly classified test pictures, /);
});
