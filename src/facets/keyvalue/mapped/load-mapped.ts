// Reads the rows and documents that mapped keys stand for, as hashes: the columns and fields by name, their values as text.

import type { DataRow, Step } from '../../../engine/client.ts';
import { quoteLiteral } from '../../../engine/quoting.ts';
import { statementOf } from '../../../engine/statement-cache.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import { orderKeyOf } from '../../../values/bson/order-key.ts';
import { ObjectId, type Value, int32 } from '../../../values/bson/types.ts';
import type { Entry } from '../entry.ts';
import { fieldText } from './field-text.ts';
import type { KeyMapping } from './key-mappings.ts';

/** The step that fills the entries of one mapping's keys; those without a row stay absent. */
export function mappedStep(mapping: KeyMapping, entries: readonly Entry[]): Step {
  return mapping.key === undefined ? documentStep(mapping, entries) : rowStep(mapping, mapping.key, entries);
}

function fill(entry: Entry, field: string, value: string): void {
  if (entry.kind === undefined) {
    entry.kind = 'hash';
    entry.whole = true;
    entry.version = '';
  }
  const member = Buffer.from(field);
  const name = member.toString('latin1');
  entry.elements.set(name, { member, value: Buffer.from(value), number: entry.size });
  entry.size += 1;
  // What WATCH compares is what the row holds.
  entry.version += `${JSON.stringify([field, value])}`;
}

function restOf({ prefix }: KeyMapping, { key }: Entry): Buffer {
  return key.subarray(prefix.length);
}

function rowStep(mapping: KeyMapping, { column, type }: NonNullable<KeyMapping['key']>, entries: readonly Entry[]): Step {
  // A key that cannot be a value of the column's type is no row's.
  const key = `case when pg_input_is_valid(wanted.key, ${quoteLiteral(type)}) then wanted.key::${type} end`;
  const text = `
    select wanted.place::int4, field.name, field.value from unnest($1) with ordinality as wanted (key, place)
    join ${mapping.relation} as found on found.${column} = ${key}
    cross join lateral json_each_text(row_to_json(found)) with ordinality as field (name, value, place)
    where field.value is not null order by wanted.place, field.place`;
  return {
    statement: statementOf(text, ['text[]']),
    values: [entries.map((entry) => textOf(restOf(mapping, entry)))],
    onRow: (row: DataRow) => fill(entries[row.int32(0) - 1]!, row.utf8(1), row.utf8(2)),
  };
}

/** Text that PostgreSQL takes; a key of other bytes is no row's. */
function textOf(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  return text.includes('\0') || text.includes('\ufffd') ? null : text;
}

function documentStep(mapping: KeyMapping, entries: readonly Entry[]): Step {
  const wanted = entries.flatMap((entry, place) => idsOf(restOf(mapping, entry).toString('utf8')).map((id) => ({ id: Buffer.from(orderKeyOf(id)), place })));
  const text = `
    select wanted.place, found.bson, case when found.bson is null then found.doc::text end
    from unnest($1, $2) as wanted (id, place) join ${mapping.relation} as found on found.id = wanted.id order by wanted.place`;
  return {
    statement: statementOf(text, ['bytea[]', 'int4[]']),
    values: [wanted.map(({ id }) => id), wanted.map(({ place }) => place)],
    onRow: (row: DataRow) => {
      const entry = entries[row.int32(0)]!;
      // Two documents may have ids of the same text: the first kind of id counts.
      if (entry.kind !== undefined) return;
      const document = row.isNull(1) ? fromStoredJson(row.utf8(2)) : decodeDocument(Buffer.from(row.bytes(1)));
      for (const [field, value] of document) if (value !== null) fill(entry, field, fieldText(value));
    },
  };
}

/** What a text may be as an `_id`: an ObjectId, a number, a string. */
function idsOf(text: string): Value[] {
  const ids: Value[] = [text];
  if (/^[0-9a-f]{24}$/i.test(text)) ids.unshift(new ObjectId(Buffer.from(text, 'hex')));
  if (/^-?\d{1,15}$/.test(text) && String(Number(text)) === text) ids.unshift(Math.abs(Number(text)) < 2 ** 31 ? int32(Number(text)) : BigInt(text));
  return ids;
}
