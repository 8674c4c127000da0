// The code blocks of a Markdown page, in their order. What each language means for the test is said in CONTRIBUTING.md.

export type CodeBlock = { readonly page: string; /** Of its first line. */ readonly line: number; readonly language: string; readonly text: string };

export function codeBlocksOf(page: string, markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly line: number; readonly language: string; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined && line.startsWith('```')) open = { line: index + 2, language: line.slice(3).trim(), lines: [] };
    else if (open !== undefined && line === '```') {
      blocks.push({ page, line: open.line, language: open.language, text: open.lines.join('\n') });
      open = undefined;
    } else open?.lines.push(line);
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block has no end`);
  return blocks;
}
