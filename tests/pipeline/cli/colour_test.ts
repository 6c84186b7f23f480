import assert from "#assert";
import { coloured } from "../../../pipeline/cli/colour.ts";

Deno.test("colours set off errors, warnings and the best epoch, and only there", () => {
  assert.equal(coloured("error: no such file", true), "\x1b[31merror:\x1b[39m no such file");
  assert.equal(coloured("warning: mirrored", true), "\x1b[33mwarning:\x1b[39m mirrored");
  assert.equal(
    coloured("validation accuracy 90 %, the best", true),
    "validation accuracy 90 %, \x1b[32mthe best\x1b[39m",
  );
  assert.equal(coloured("train: running", true), "train: running");
  assert.equal(coloured("error: no such file", false), "error: no such file");
});

Deno.test("a line has no control characters of its own", () => {
  assert.equal(coloured("label \x1b[2J", false), "label \\u001b[2J");
});

Deno.test("a line stays one line", () => {
  assert.equal(coloured("error: a\nb\tc does not exist", false), "error: a\\nb\\tc does not exist");
});
