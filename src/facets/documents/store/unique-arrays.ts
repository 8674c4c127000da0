// Unique indexes over arrays. A document with an array has an entry for each element, and no two documents may share one; the
// B-tree of the index holds the least only. So triggers look, once a statement, for documents that share another. Who
// writes an array waits for all others who write to the index, so that each sees what the other did; those without arrays do
// not wait for each other: for them the B-tree is enough.
//
// DIFFERS: in a transaction of several statements, which does not see what others have committed since it began, an array
// may come to share an element with a document that was committed meanwhile. Elements that are documents are one where only the order
// of their fields differs.

import type { Migration } from '../../../engine/migrations.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { allKeys, greatestKey, hasArray, leastKey } from '../planner/sql-keys.ts';
import type { IndexSpecification } from './index-specification.ts';
import { identifierOf } from './names.ts';
import { conditionOf } from './partial-filter.ts';

export const uniqueArrays: Migration = {
  number: 10,
  name: 'unique indexes over arrays',
  sql: `
    -- Arguments: the index's relation; whether there are arrays among the rows that were written; whether one of these shares an
    -- entry with another row of the table, whose name is to be put in. It runs as who writes: the table's owner says what it executes.
    create function facetdb.check_unique_arrays() returns trigger language plpgsql as $$
    declare
      has_arrays boolean;
      is_shared boolean;
      lock_space constant int := hashtext('facetdb.unique_arrays');
      lock_key constant int := hashtext(tg_relid::text || tg_argv[0]);
    begin
      execute tg_argv[1] into has_arrays;
      if has_arrays then perform pg_advisory_xact_lock(lock_space, lock_key);
      else perform pg_advisory_xact_lock_shared(lock_space, lock_key);
      end if;
      execute format(tg_argv[2], tg_relid::regclass) into is_shared;
      if is_shared then raise exception 'another document has an element of the array too' using errcode = '23505', constraint = tg_argv[0]; end if;
      return null;
    end $$;`,
};

/** In PostgreSQL's error stands what shares the entry, so that the message can tell which it is. */
export const sharedEntries: Migration = {
  number: 21,
  name: 'shared entries of unique indexes',
  sql: `
    -- As before; the last argument may give the two documents as a JSON text instead of a truth.
    create or replace function facetdb.check_unique_arrays() returns trigger language plpgsql as $$
    declare
      has_arrays boolean;
      shared text;
      lock_space constant int := hashtext('facetdb.unique_arrays');
      lock_key constant int := hashtext(tg_relid::text || tg_argv[0]);
    begin
      execute tg_argv[1] into has_arrays;
      if has_arrays then perform pg_advisory_xact_lock(lock_space, lock_key);
      else perform pg_advisory_xact_lock_shared(lock_space, lock_key);
      end if;
      execute format(tg_argv[2], tg_relid::regclass) into shared;
      if shared <> 'false' then raise exception 'another document has an element of the array too' using errcode = '23505', constraint = tg_argv[0],
        detail = case when length(shared) < 100000 then shared else '' end; end if;
      return null;
    end $$;`,
};

/** The triggers of a unique index, and a look at what is there already. */
export function uniqueArrayStatements(table: string, relation: string, specification: IndexSpecification): string[] {
  const { hasArrays, isHeld } = conditionsOf(specification);
  const anyArrays = `select exists (select from written where ${hasArrays} and (${isHeld}))`;
  // As PostgreSQL's `format` takes it.
  const query = sharingQuery(specification, 'written').map((piece) => (piece === theTable ? '%1$s' : piece.replaceAll('%', '%%'))).join('');
  const call = `execute function facetdb.check_unique_arrays(${[relation, anyArrays, query].map(quoteLiteral).join(', ')})`;
  const look = sharingQuery(specification, table).map((piece) => (piece === theTable ? table : piece)).join('');
  const refusal = `declare shared constant text := (${look}); begin if shared is not null then raise exception 'documents share an element' using errcode = '23505', constraint = ${quoteLiteral(relation)}, detail = shared; end if; end`;
  return [...triggersOf(specification.name).map(([trigger, event]) => `create trigger ${trigger} after ${event} on ${table} referencing new table as written for each statement ${call}`), `do ${quoteLiteral(refusal)}`];
}

export function dropUniqueArrayStatements(table: string, name: string): string[] {
  return triggersOf(name).map(([trigger]) => `drop trigger if exists ${trigger} on ${table}`);
}

function triggersOf(name: string): readonly (readonly [trigger: string, event: 'insert' | 'update'])[] {
  return (['insert', 'update'] as const).map((event) => [quoteIdentifier(identifierOf(`${name}#${event}`)), event]);
}

function conditionsOf(specification: IndexSpecification): { readonly hasArrays: string; readonly isHeld: string } {
  return { hasArrays: `(${specification.parts.map(({ path }) => hasArray(path)).join(' or ')})`, isHeld: conditionOf(specification) ?? 'true' };
}

const theTable = Symbol('the table');

/** Of the rows of `written` one that shares an entry with another of the table, and this one: both as a JSON text, or null. */
function sharingQuery(specification: IndexSpecification, written: string): (string | typeof theTable)[] {
  const { hasArrays, isHeld } = conditionsOf(specification);
  const [first, ...others] = specification.parts;
  if (first === undefined) return ['select null::text'];
  const keys = specification.parts.map(({ path }, index) => `${allKeys(path)} as k${index}`).join(', ');
  const rest = [...others.map(({ path }, index) => `${allKeys(path)} && own.k${index + 1}`), `(${isHeld})`, 'id <> own.id'].join(' and ');
  // As the index has it: of a document without an array there, it is its only key.
  const onlyKey = first.descending ? greatestKey(first.path) : leastKey(first.path);
  // Two without arrays are told apart by the B-tree.
  const hasAny = ['own.has_arrays', ...others.map(({ path }) => hasArray(path))].join(' or ');
  return [
    `select json_build_object('written', own.doc, 'other', other.doc)::text from (select id, doc, ${hasArrays} as has_arrays, ${keys} from ${written} where ${isHeld}) as own, lateral (select doc from `,
    theTable,
    ` where ${hasArray(first.path)} and ${allKeys(first.path)} && own.k0 and ${rest} union all select doc from `,
    theTable,
    ` where not ${hasArray(first.path)} and ${onlyKey} = any(own.k0) and (${hasAny}) and ${rest}) as other limit 1`,
  ];
}
