/** Links of the documents lead somewhere. */
import assert from "#assert";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { anchors, documents, links, readDocument, repository } from "../support/markdown.ts";

const isExternal = (target: string) => /^[a-z][a-z+.-]*:/i.test(target);

for (const path of await documents()) {
  Deno.test(`every link in ${path} resolves`, async () => {
    const text = await readDocument(path);
    for (const target of links(text)) {
      if (isExternal(target)) {
        const { protocol, hostname } = new URL(target);
        assert.ok(protocol === "https:" && hostname.includes("."), `${target} is no https address`);
        continue;
      }
      const [file, anchor] = target.split("#");
      const linked = file ? join(dirname(path), decodeURIComponent(file)) : path;
      assert.ok(!linked.startsWith(".."), `${target} leads out of the repository`);
      assert.ok(existsSync(repository + linked), `${target}: there is no ${linked}`);
      if (anchor === undefined) continue;
      assert.ok(anchors(await readDocument(linked)).includes(anchor), `${target}: ${linked} has no heading #${anchor}`);
    }
  });
}

Deno.test("links in code are no links; those in HTML, pictures and definitions are", () => {
  const markdown = [
    "# A [`b`](c.md) title",
    '<img src="d.png"> ![e](f.png "title") [g][h] `[i](j)`',
    "```sh",
    "[k](l)",
    "```",
    "[h]: m.md#n",
  ].join("\n");
  assert.deepEqual(links(markdown), ["c.md", "f.png", "m.md#n", "d.png"]);
});

Deno.test("a heading's anchor is lower case, without punctuation, and numbered when it comes again", () => {
  assert.deepEqual(anchors("# What's `--run`?\n## Same\n## Same\n```\n# no heading\n```"), [
    "whats---run",
    "same",
    "same-1",
  ]);
});

/** A path of a file in code, such as `data/random.ts`. */
const FILE = /`((?:pipeline|onnx|data|model|engine|export|tests|bench|examples|docs)\/[\w./-]*\.\w+)`/g;

for (const path of await documents()) {
  if (path === "CHANGELOG.md") continue;
  Deno.test(`every file that ${path} names exists`, async () => {
    for (const [, file] of (await readDocument(path)).matchAll(FILE)) {
      assert.ok(existsSync(repository + file), `there is no ${file}`);
    }
  });
}
