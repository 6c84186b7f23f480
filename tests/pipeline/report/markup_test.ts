import assert from "#assert";
import { flagMarkup, html, pathMarkup } from "../../../pipeline/report/markup.ts";

Deno.test("values in HTML are text, pieces of HTML and lists of them are not", () => {
  const evil = `<script>"&'`;
  assert.equal(
    html`<p title="${evil}">${evil}</p>`.text,
    '<p title="&lt;script&gt;&quot;&amp;&#39;">&lt;script&gt;&quot;&amp;&#39;</p>',
  );
  assert.equal(html`${[html`<b>${1}</b>`, undefined, false, " a"]}`.text, "<b>1</b> a");
});

Deno.test("control characters and marks of direction in a text are shown, new lines stay", () => {
  assert.equal(html`<b>${"\x1b\u202e\n"}</b>`.text, "<b>\\u001b\\u202e\n</b>");
});

Deno.test("a path breaks after its slashes, and its parts are text", () => {
  assert.equal(pathMarkup("test/a&b/1.jpg").text, "test/<wbr>a&amp;b/<wbr>1.jpg");
  assert.equal(pathMarkup("1.jpg").text, "1.jpg");
});

Deno.test("a flag in a text stays on one line, and the text around it is text", () => {
  const flag = (name: string) => `<span class="flag">${name}</span>`;
  assert.equal(flagMarkup("a<b, or --hold-out.").text, `a&lt;b, or ${flag("--hold-out")}.`);
  assert.equal(flagMarkup("--image-size 128 -- wide").text, `${flag("--image-size")} 128 -- wide`);
});
