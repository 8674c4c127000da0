// Splits a line as people type it into a terminal: Redis's `sdssplitargs`.

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' };

/** The words of a line, quotes and escapes resolved; undefined when quotes do not balance. */
export function splitInline(line: Buffer): Buffer[] | undefined {
  const text = line.toString('latin1');
  const words: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at]!)) at += 1;
    if (at >= text.length) return words;
    let word = '';
    while (at < text.length && !isSpace(text[at]!)) {
      const quote = text[at];
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at += 1;
        continue;
      }
      const quoted = quote === '"' ? readDouble(text, at + 1) : readSingle(text, at + 1);
      // A closing quote is followed by a space or the end.
      if (quoted === undefined || (quoted.end < text.length && !isSpace(text[quoted.end]!))) return undefined;
      word += quoted.word;
      at = quoted.end;
    }
    words.push(Buffer.from(word, 'latin1'));
  }
}

function readDouble(text: string, start: number): { word: string; end: number } | undefined {
  let word = '';
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return { word, end: at + 1 };
    if (character !== '\\') {
      word += character;
      continue;
    }
    const hex = /^x([0-9a-f]{2})/iu.exec(text.slice(at + 1, at + 4));
    if (hex !== null) {
      word += String.fromCharCode(Number.parseInt(hex[1]!, 16));
      at += 3;
    } else if (at + 1 < text.length) {
      at += 1;
      word += escapes[text[at]!] ?? text[at];
    }
  }
  return undefined;
}

function readSingle(text: string, start: number): { word: string; end: number } | undefined {
  let word = '';
  for (let at = start; at < text.length; at++) {
    if (text[at] === "'") return { word, end: at + 1 };
    if (text[at] === '\\' && text[at + 1] === "'") at += 1;
    word += text[at];
  }
  return undefined;
}

function isSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r') || character === '\0';
}
