import assert from "#assert";
import { markdownText, yamlText } from "../../export/markdown.ts";

Deno.test("markup in a text shows as written", () => {
  assert.equal(markdownText("*a* _b_ `c` [d](e)"), "\\*a\\* \\_b\\_ \\`c\\` \\[d\\]\\(e\\)");
  assert.equal(markdownText("<img src=x> & www.a.b $x$"), "\\<img src\\=x\\> \\& www\\.a.b \\$x\\$");
  assert.equal(markdownText("back\\slash"), "back\\\\slash");
  assert.equal(markdownText("t-shirt, 'café' 😀"), "t-shirt, 'café' 😀");
});

Deno.test("control characters, line separators and marks of direction show as escapes", () => {
  assert.equal(markdownText("a\nb\x1b\u2028\u202e"), "a\\\\u000ab\\\\u001b\\\\u2028\\\\u202e");
});

Deno.test("a text in YAML is a JSON string of printable characters", () => {
  for (const text of ['my "cats"', "a: b # c", "---\nx", "\x1b\x7f\x9b\u2028\u202e\ufeff", "{{x}} %YAML"]) {
    assert.equal(JSON.parse(yamlText(text)), text);
    // YAML 1.2, 5.1: printable characters
    assert.match(yamlText(text), /^[\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]*$/);
  }
  assert.equal(yamlText("\ud800"), '"\ufffd"');
});
