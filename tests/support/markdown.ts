/** Reads the Markdown documents of this repository: their code blocks, their links, and the anchors of their headings. */
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Folders that hold nothing of ours, or what programs write. */
const skipped = ["node_modules", ".cache", "runs", ".git"];

/** Paths of all Markdown documents, relative to the repository. */
export async function documents(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(repository + folder)) {
    if (isDirectory && !skipped.includes(name)) found.push(...await documents(`${folder}${name}/`));
    else if (name.endsWith(".md")) found.push(folder + name);
  }
  return found.sort();
}

export const readDocument = (path: string): Promise<string> => Deno.readTextFile(repository + path);

export interface CodeBlock {
  /** The word behind the opening fence, such as `ts`; empty if there is none. */
  readonly language: string;
  readonly code: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  /** The nearest heading of level 2 above it. */
  readonly section: string;
}

/** Fenced code blocks in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let section = "";
  let open: { language: string; line: number; lines: string[] } | undefined;
  markdown.split("\n").forEach((text, at) => {
    const fence = /^```(\S*)/.exec(text);
    if (fence && open) {
      const { language, line, lines } = open;
      blocks.push({ language, line, section, code: lines.join("\n") });
      open = undefined;
    } else if (fence) open = { language: fence[1]!, line: at + 1, lines: [] };
    else if (open) open.lines.push(text);
    else section = /^## (.*)/.exec(text)?.[1] ?? section;
  });
  return blocks;
}

/** A document without its fenced blocks, whose brackets are no links. */
const prose = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, "");

const withoutCode = (markdown: string): string => prose(markdown).replace(/`[^`\n]*`/g, "");

/** Targets of links and pictures, in Markdown and in HTML. */
export function links(markdown: string): string[] {
  const text = withoutCode(markdown);
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g);
  const definitions = text.matchAll(/^ {0,3}\[[^\]]+\]:\s*(\S+)/gm);
  const html = text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g);
  return [...inline, ...definitions, ...html].map(([, target]) => target!);
}

/** Anchors of the headings, as GitHub names them. */
export function anchors(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(markdown).matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, heading]) => {
    const slug = heading!.toLowerCase().replace(/\]\([^)]*\)/g, "").replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(
      " ",
      "-",
    );
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before ? `${slug}-${before}` : slug;
  });
}

/** Inline code and the lines of shell blocks: where documents name commands. */
export function commandLines(markdown: string): string[] {
  const inline = [...prose(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  const shell = codeBlocks(markdown).filter(({ language }) => ["sh", "bash"].includes(language))
    .flatMap(({ code }) => code.replaceAll("\\\n", " ").split("\n"));
  return [...inline, ...shell];
}

/** The words of a `deno task` in a line of shell: a command's name and what stands behind it. */
export function taskWords(line: string): string[] | undefined {
  const after = /\bdeno task (?:--quiet )?(.*)/.exec(line)?.[1];
  if (after === undefined) return undefined;
  const words: string[] = [];
  for (const [, double, single, plain] of after.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)) {
    const word = double ?? single ?? plain!;
    // What follows belongs to the shell: a comment, a pipe, another command.
    if (plain !== undefined && /^(#|[|&;>)])/.test(word)) break;
    words.push(word.replace(plain !== undefined ? /[;)]+$/ : /$^/, ""));
    if (plain?.endsWith(";")) break;
  }
  return words;
}
