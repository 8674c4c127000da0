// Transcripts: text files of commands, a line each, that are sent to FacetDB and to a real Redis. They hold no replies: what
// Redis answers is right. How they are carried out: side-by-side.ts.
//
//   SET k "a b\x00"          words as redis-cli and inline requests take them
//   RPUSH l <#|1..1000>      a word <TEMPLATE|FIRST..LAST> stands for many: # is each number, spaces part words
//   ZADD z "<# member:#|1..9>"
//   SET k <x*100000>         a word <TEXT*COUNT> is the text so many times
//   ~ SMEMBERS s             the reply's items have no order
//   ? TTL k                  only the reply's type counts
//   & BLPOP l 0              sent without waiting for the reply: @receive reads it
//   @receive                 one more reply of this connection, such as a published message; ~ and ? may stand before it
//   @raw "*1\r\n$4\r\nPING\r\n"   these bytes as they are, then one reply
//   @resp3   @resp2          switches the protocol of this connection
//   @connection NAME         what follows goes over another connection; the first is called `main`
//   @wait MS                 lets time pass
//   @differs REASON          FacetDB answers the next command otherwise, on purpose; an error once it does not
//   # a comment
//
// Each file begins with empty databases. It puts back what it changes by CONFIG SET.

import { Buffer } from 'node:buffer';
import { splitInline } from '../../../src/protocols/redis/inline-request.ts';

export type Comparison = 'exact' | 'unordered' | 'type';

/** One line to carry out. `source` is the line itself, for messages. */
export type TranscriptStep = { readonly line: number; readonly source: string } & (
  | {
      readonly kind: 'exchange';
      /** What is sent: undefined to only receive. */
      readonly request: readonly Buffer[] | Buffer | undefined;
      readonly receives: boolean;
      readonly comparison: Comparison;
      /** Why FacetDB's reply is another. */
      readonly differs: string | undefined;
    }
  | { readonly kind: 'connection'; readonly name: string }
  | { readonly kind: 'wait'; readonly milliseconds: number }
);

const comparisons: Readonly<Record<string, Comparison>> = { '~': 'unordered', '?': 'type' };

/** Throws, naming the line, for what cannot be understood. */
export function parseRedisTranscript(text: string): TranscriptStep[] {
  const steps: TranscriptStep[] = [];
  let differs: string | undefined;
  for (const [index, source] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(source)) continue;
    const reason = /^@differs (.+)$/.exec(source)?.[1];
    if (reason !== undefined) {
      differs = reason;
      continue;
    }
    try {
      steps.push({ line: index + 1, source, ...parseLine(source, differs) });
    } catch (error) {
      throw new Error(`line ${index + 1}: ${source}`, { cause: error });
    }
    differs = undefined;
  }
  return steps;
}

type LineContent = TranscriptStep extends infer Step ? (Step extends TranscriptStep ? Omit<Step, 'line' | 'source'> : never) : never;

function parseLine(source: string, differs: string | undefined): LineContent {
  const [, mark, rest = ''] = /^(?:([~?&]) +)?(.*)$/.exec(source)!;
  const comparison = comparisons[mark ?? ''] ?? 'exact';
  const exchange = { kind: 'exchange', receives: mark !== '&', comparison, differs } as const;
  const [, directive, argument = ''] = /^@(\S+) ?(.*)$/.exec(rest) ?? [];
  switch (directive) {
    case undefined:
      return { ...exchange, request: split(rest).flatMap(expanded) };
    case 'receive':
      return { ...exchange, request: undefined };
    case 'raw':
      return { ...exchange, request: Buffer.concat(split(argument)) };
    case 'resp2': case 'resp3':
      // The replies tell the server's version and the connection's id.
      return { ...exchange, request: ['HELLO', directive.slice(-1)].map((word) => Buffer.from(word)), comparison: 'type' };
    case 'connection':
      return { kind: 'connection', name: argument };
    case 'wait':
      return { kind: 'wait', milliseconds: Number(argument) };
    default:
      throw new Error(`there is no @${directive}`);
  }
}

function split(text: string): Buffer[] {
  const words = splitInline(Buffer.from(text));
  if (words === undefined) throw new Error('quotes do not balance');
  return words;
}

/** What a word stands for: itself, a repeated text, or a numbered series. */
function expanded(word: Buffer): Buffer[] {
  if (word[0] !== '<'.charCodeAt(0)) return [word];
  const text = word.toString('latin1');
  const [, repeated, count] = /^<([^|]+)\*(\d+)>$/s.exec(text) ?? [];
  if (repeated !== undefined) return [Buffer.from(repeated.repeat(Number(count)), 'latin1')];
  const [, template, first, last] = /^<(.+)\|(-?\d+)\.\.(-?\d+)>$/s.exec(text) ?? [];
  if (template === undefined) return [word];
  const words: Buffer[] = [];
  for (let number = Number(first); number <= Number(last); number++) {
    for (const part of template.split(' ')) words.push(Buffer.from(part.replaceAll('#', `${number}`), 'latin1'));
  }
  return words;
}
