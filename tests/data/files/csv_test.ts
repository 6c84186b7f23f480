import assert from "#assert";
import { csvRow } from "../../../data/files/csv.ts";

Deno.test("cells with commas, quotes, line breaks and spaces at their ends are quoted as RFC 4180 says", () => {
  assert.equal(
    csvRow(["plain", "a,b", 'say "hi"', "two\nlines", " edge", ""]),
    'plain,"a,b","say ""hi""","two\nlines"," edge",',
  );
});

Deno.test("a text that a spreadsheet would compute begins with an apostrophe; a number does not", () => {
  for (const sign of ["=", "+", "-", "@", "\t", "\r", "\uff1d"]) {
    assert.match(csvRow([`${sign}cmd|' /C calc'!A0`]), /^"?'/, JSON.stringify(sign));
  }
  assert.equal(csvRow([-0.5, 1e-9, "a=b", "x-1.png"]), "-0.5,1e-9,a=b,x-1.png");
});
