import assert from "#assert";
import { isDuration, parseDuration } from "../../../pipeline/configuration/duration.ts";

Deno.test("durations are read in seconds", () => {
  const read = ["90s", "45m", "2h", "1h30m", "1.5h", "1d", "1d2h3m4s"].map(parseDuration);
  assert.deepEqual(read, [90, 2700, 7200, 5400, 5400, 86_400, 86_400 + 7200 + 180 + 4]);
});

Deno.test("other texts are no durations", () => {
  for (const text of ["", "2", "0s", "h", "2 h", "30m1h", "-1h", "2hours", "1e3s"]) {
    assert.ok(!isDuration(text), text);
    assert.throws(() => parseDuration(text), /is not a duration such as/, text);
  }
});
