// Tables and views as a role sees them: PostgreSQL's catalog, with the role's rights on each column.

import { type Connection, statement } from '../../engine/client.ts';
import { identifierBytesMax, quoteIdentifier } from '../../engine/quoting.ts';
import { FacetError } from '../../kernel/errors.ts';

export type RelationColumn = {
  readonly name: string;
  /** As SQL writes it: `numeric(10,2)`, `text[]`. */
  readonly type: string;
  /** `pg_type.typname`: `int4`, `_text`. */
  readonly typeName: string;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  /** PostgreSQL computes it: it cannot be written. */
  readonly isGenerated: boolean;
  readonly mayRead: boolean;
  readonly mayInsert: boolean;
  readonly mayUpdate: boolean;
  readonly comment: string | null;
};

export type Relation = {
  readonly schema: string;
  readonly name: string;
  /** `collection`: a table with the columns of a collection of documents. */
  readonly kind: 'table' | 'view' | 'collection';
  readonly columns: readonly RelationColumn[];
  /** The columns of the primary key in its order; empty where there is none. */
  readonly key: readonly string[];
  readonly comment: string | null;
};

const fields = `
  n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind, obj_description(c.oid, 'pg_class') as comment,
  (select json_agg(json_build_object(
     'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeName', t.typname, 'isNullable', not a.attnotnull,
     'hasDefault', a.atthasdef or a.attidentity <> '', 'isGenerated', a.attgenerated <> '' or a.attidentity = 'a',
     'mayRead', has_column_privilege(c.oid, a.attnum, 'select'), 'mayInsert', has_column_privilege(c.oid, a.attnum, 'insert'),
     'mayUpdate', has_column_privilege(c.oid, a.attnum, 'update'), 'comment', col_description(c.oid, a.attnum)) order by a.attnum)
     from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select json_agg(a.attname order by k.place)
     from pg_index i, unnest(i.indkey) with ordinality as k (attnum, place) join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid) as key`;
/** What the role cannot touch at all is not there. */
const visible = `
  pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and has_schema_privilege(n.oid, 'usage')
    and (has_any_column_privilege(c.oid, 'select, insert, update') or has_table_privilege(c.oid, 'delete'))`;

const readOne = statement(`select ${fields} from ${visible} and n.nspname = $1::text and c.relname = $2::text`, ['text', 'text']);
const readAll = statement(
  `select ${fields} from ${visible} and n.nspname !~ '^(pg_|information_schema$|facetdb$|keyspace[0-9]+$)' order by n.nspname, c.relname limit $1`,
  ['int4'],
);

type Row = { schema: string; name: string; kind: string; comment: string | null; columns: RelationColumn[] | null; key: string[] | null };

/** Undefined for what is not there, or not for the connection's role to see. */
export async function readRelation(connection: Connection, schema: string, name: string): Promise<Relation | undefined> {
  if ([schema, name].some((part) => Buffer.byteLength(part) > identifierBytesMax || part.includes('\0'))) return undefined;
  const [row] = await connection.query(readOne, [schema, name]);
  return row === undefined ? undefined : relationOf(row as Row);
}

/** All that the role can see but PostgreSQL's and FacetDB's own, by name; `limit` at most. */
export async function readRelations(connection: Connection, limit: number): Promise<Relation[]> {
  return (await connection.query(readAll, [limit])).map((row) => relationOf(row as Row));
}

const collectionColumns: Readonly<Record<string, string>> = { id: 'bytea', doc: 'jsonb', bson: 'bytea' };

function relationOf({ schema, name, kind, comment, columns, key }: Row): Relation {
  const all = columns ?? [];
  const isCollection = Object.entries(collectionColumns).every(([column, type]) => all.some((known) => known.name === column && known.typeName === type));
  return { schema, name, kind: isCollection ? 'collection' : kind === 'v' || kind === 'm' ? 'view' : 'table', columns: all, key: key ?? [], comment };
}

/** `"shop"."movies"`. */
export function nameOf({ schema, name }: Relation): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Errors: `data_invalid` with `field` for a name that is none of the relation's columns. */
export function columnOf(relation: Relation, name: string, field: string): RelationColumn {
  const column = relation.columns.find((known) => known.name === name);
  if (column === undefined) throw new FacetError('data_invalid', `"${relation.name}" has no column "${name}"`, { field });
  return column;
}

/** As `columnOf`, for one whose values the role may read. Errors: also `permission_denied`. */
export function readableColumnOf(relation: Relation, name: string, field: string): RelationColumn {
  const column = columnOf(relation, name, field);
  if (!column.mayRead) throw new FacetError('permission_denied', `for column "${name}"`, { field });
  return column;
}

export function isJson({ typeName }: RelationColumn): boolean {
  return typeName === 'json' || typeName === 'jsonb';
}
