// Transcripts: SQL files that say, statement by statement, what a PostgreSQL answers. Blocks are separated by empty lines;
// a block is one statement, then what it answers as lines that start with `-->`: rows under their column names, the
// command with its count of rows (`INSERT 2`), or `error SQLSTATE constraint`. Without such lines it just has to succeed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

type Block = { readonly line: number; readonly sql: string; readonly answer: readonly string[] };

const answerMark = '-->';

/** Runs a transcript's statements in order over one connection and asserts each answer. */
export async function runTranscript(client: pg.ClientBase, file: URL): Promise<void> {
  const name = basename(fileURLToPath(file));
  for (const { line, sql, answer } of parseTranscript(readFileSync(file, 'utf8'))) {
    const actual = await answerTo(client, sql);
    if (answer.length > 0) assert.deepEqual(actual, answer, `${name}:${line} answers otherwise`);
    else assert.ok(!actual[0]?.startsWith('error '), `${name}:${line}: ${actual[0]}`);
  }
}

export function parseTranscript(text: string): Block[] {
  const blocks: Block[] = [];
  let line = 1;
  for (const paragraph of text.split('\n\n')) {
    const lines = paragraph.split('\n');
    const [answer, statement] = [lines.filter(isAnswer), lines.filter((each) => !isAnswer(each))];
    const isOnlyComment = statement.every((each) => each === '' || each.startsWith('--'));
    if (!isOnlyComment) blocks.push({ line, sql: statement.join('\n').trim(), answer: answer.map(withoutMarkAndAlignment) });
    line += lines.length + 1;
  }
  return blocks;
}

async function answerTo(client: pg.ClientBase, sql: string): Promise<string[]> {
  try {
    const result = await client.query({ text: sql, rowMode: 'array', types: { getTypeParser: () => String } });
    const { command, rowCount, fields, rows } = result as pg.QueryArrayResult<(string | null)[]>;
    if (fields.length === 0) return [rowCount === null ? command : `${command} ${rowCount}`];
    const header = fields.map((field) => field.name).join(' | ');
    return rows.length === 0 ? [header, '(no rows)'] : [header, ...rows.map((row) => row.map(shown).join(' | '))];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return [`error ${error.code} ${error.constraint ?? ''}`.trimEnd()];
  }
}

function shown(value: string | null): string {
  return value ?? 'null';
}

function isAnswer(line: string): boolean {
  return line.startsWith(answerMark);
}

function withoutMarkAndAlignment(line: string): string {
  const cells = line.slice(answerMark.length).split('|');
  return cells.map((cell) => cell.trim()).join(' | ');
}
