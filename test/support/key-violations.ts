// What must hold of a keyspace's rows whatever happened to it: sizes agree with elements, positions have no gaps, no
// collection is empty, the key count is right. One line for each thing that is wrong.

import type pg from 'pg';

export async function keyViolations(sql: pg.Client, space: string): Promise<string[]> {
  const { rows } = await sql.query<{ violation: string }>(`
    with counted as (
      select k.id, k.kind, k.size, k.edge, e.count, e.first, e.last
      from ${space}.keys k cross join lateral (
        select count(*) as count, null::bigint as first, max(number) as last from ${space}.hash_fields where k.kind = 5 and ref = k.ref
        having k.kind = 5
        union all select count(*), min(position), max(position) from ${space}.list_items where ref = k.ref having k.kind = 2
        union all select count(*), null, null from ${space}.set_members where ref = k.ref having k.kind = 3
        union all select count(*), null, null from ${space}.sorted_set_members where ref = k.ref having k.kind = 4) e
      where k.kind <> 1)
    select format('%s says that it has %s elements and has %s', encode(id, 'escape'), size, count) as violation from counted where size is distinct from count
    union all select format('%s is empty', encode(id, 'escape')) from counted where count = 0
    union all select format('%s begins at %s and has items from %s to %s', encode(id, 'escape'), edge, first, last)
      from counted where kind = 2 and (first <> edge or last <> edge + size - 1)
    union all select format('%s gives its next field the number %s and has one numbered %s', encode(id, 'escape'), edge, last)
      from counted where kind = 5 and last >= edge
    union all select format('two keys share the elements %s', ref) from ${space}.keys where ref is not null group by ref having count(*) > 1
    union all select format('the key count is %s and there are %s', counted, there)
      from (select coalesce(sum(change), 0) as counted from ${space}.key_counts), (select count(*) as there from ${space}.keys) where counted <> there`);
  return rows.map(({ violation }) => violation);
}
