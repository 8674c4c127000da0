// What SQL calls to read and change keys, as part of the store's migration: one transaction may change rows and keys.
// They follow the rules that the gateway follows: every change of a collection locks and changes the key's row, size and
// edge agree with the elements, an empty collection is no more, an expired key is none. A text form wraps each.

import { kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';

const [string, list, set, sortedSet, hash] = (['string', 'list', 'set', 'zset', 'hash'] as const).map(kindNumber);

const internals = `
-- The schema of a keyspace; one that nobody has used yet is made.
create function facetdb.keyspace_schema(number int) returns text language plpgsql as $$
declare
  space text := format('keyspace%s', number);
begin
  if to_regnamespace(space) is null then call facetdb.create_keyspace(number); end if;
  return space;
end $$;

create function facetdb.check_lengths(key bytea, value bytea) returns void language plpgsql as $$
begin
  if key is null or value is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'keys and values may be empty, but not null';
  end if;
  if greatest(length(key), length(value)) > ${keyvalueLimits.stringBytes} then
    raise exception using errcode = 'program_limit_exceeded', message = 'a key or value has at most ${keyvalueLimits.stringBytes} bytes';
  end if;
end $$;

-- Locks the key's row and gives it; all is null when there is no such key. An expired one is taken away first.
create function facetdb.lock_key(space text, key bytea, wanted int, out kind int, out expires_at bigint, out value bytea, out ref bigint, out size bigint, out edge bigint)
  language plpgsql as $$
begin
  execute format('select kind, expires_at, value, ref, size, edge from %I.keys where id = $1 for update', space)
    into kind, expires_at, value, ref, size, edge using facetdb.key_identity(key);
  if expires_at <= facetdb.now_ms() then
    execute format('delete from %I.keys where id = $1', space) using facetdb.key_identity(key);
    select into kind, expires_at, value, ref, size, edge null, null, null, null, null, null;
  elsif kind <> wanted then
    raise exception using errcode = 'wrong_object_type',
      message = format('key "%s" holds a %s, not a %s', encode(key, 'escape'), facetdb.kind_name(kind::int2), facetdb.kind_name(wanted::int2));
  end if;
end $$;

-- As lock_key; where no key is, an empty collection comes into being, to be filled by who calls.
create function facetdb.lock_collection(space text, key bytea, wanted int, out ref bigint, out size bigint, out edge bigint)
  language plpgsql as $$
declare
  created int;
begin
  loop
    select held.ref, held.size, held.edge into ref, size, edge from facetdb.lock_key(space, key, wanted) as held;
    if ref is not null then return; end if;
    ref := nextval('facetdb.collection_reference');
    size := 0;
    edge := case when wanted in (${list}, ${hash}) then 0 end;
    execute format('insert into %I.keys (id, kind, ref, size, edge, long_key) values ($1, $2, $3, 0, $4, $5) on conflict (id) do nothing', space)
      using facetdb.key_identity(key), wanted, ref, edge, case when length(key) > ${keyvalueLimits.identityBytes} then key end;
    get diagnostics created = row_count;
    -- Otherwise somebody else made the key at the same time.
    if created = 1 then return; end if;
  end loop;
end $$;

-- Writes what has become of a collection.
create function facetdb.settle_collection(space text, key bytea, new_size bigint, new_edge bigint) returns void language plpgsql as $$
begin
  if new_size = 0 then
    execute format('delete from %I.keys where id = $1', space) using facetdb.key_identity(key);
  else
    execute format('update %I.keys set size = $2, edge = $3 where id = $1', space) using facetdb.key_identity(key), new_size, new_edge;
  end if;
end $$;

create function facetdb.push(space text, key bytea, item bytea, at_left boolean) returns bigint language plpgsql as $$
declare
  held record;
begin
  perform facetdb.check_lengths(key, item);
  held := facetdb.lock_collection(space, key, ${list});
  if at_left then held.edge := held.edge - 1; end if;
  execute format('insert into %I.list_items (ref, position, value) values ($1, $2, $3)', space)
    using held.ref, case when at_left then held.edge else held.edge + held.size end, item;
  perform facetdb.settle_collection(space, key, held.size + 1, held.edge);
  return held.size + 1;
end $$;

create function facetdb.pop(space text, key bytea, at_left boolean) returns bytea language plpgsql as $$
declare
  held record;
  item bytea;
begin
  held := facetdb.lock_key(space, key, ${list});
  if held.ref is null then return null; end if;
  execute format('delete from %I.list_items where ref = $1 and position = $2 returning value', space)
    into item using held.ref, case when at_left then held.edge else held.edge + held.size - 1 end;
  perform facetdb.settle_collection(space, key, held.size - 1, held.edge + case when at_left then 1 else 0 end);
  return item;
end $$;

-- Takes an element out of a hash, set or sorted set.
create function facetdb.remove_element(space text, key bytea, element bytea, wanted int, element_table text) returns boolean language plpgsql as $$
declare
  held record;
  removed int;
begin
  held := facetdb.lock_key(space, key, wanted);
  if held.ref is null then return false; end if;
  execute format('delete from %I.%I where ref = $1 and digest = facetdb.element_digest($2)', space, element_table) using held.ref, element;
  get diagnostics removed = row_count;
  if removed > 0 then perform facetdb.settle_collection(space, key, held.size - 1, held.edge); end if;
  return removed > 0;
end $$;

create function facetdb.put_score(space text, key bytea, new_score float8, member bytea, adds boolean, out is_new boolean, out result float8)
  language plpgsql as $$
declare
  held record;
begin
  perform facetdb.check_lengths(key, member);
  held := facetdb.lock_collection(space, key, ${sortedSet});
  execute format('select score from %I.sorted_set_members where ref = $1 and digest = facetdb.element_digest($2)', space) into result using held.ref, member;
  is_new := result is null;
  if new_score = 'nan' or new_score is null or (adds and abs(result) = 'infinity' and new_score = -result) then
    raise exception using errcode = 'invalid_parameter_value', message = 'a score is a number';
  end if;
  result := case when adds and not is_new then result + new_score else new_score end;
  execute format('insert into %I.sorted_set_members (ref, digest, score, member) values ($1, facetdb.element_digest($2), $3, $2)
    on conflict (ref, digest) do update set score = excluded.score', space) using held.ref, member, result;
  perform facetdb.settle_collection(space, key, held.size + is_new::int, held.edge);
end $$;
`;

/** One function for both text and binary keys: `body` reads `key bytea`, and `space`, the keyspace's schema. */
type SqlFunction = {
  readonly name: string;
  /** After the key: name and type, `data` standing for what is text in one form and bytea in the other. */
  readonly parameters: readonly (readonly [name: string, type: string])[];
  /** Parameters that may be left out, before the keyspace. */
  readonly optional?: string;
  readonly returns: string;
  readonly about: string;
  readonly declare?: string;
  readonly body: string;
};

const liveKey = `id = facetdb.key_identity($1) and (expires_at is null or expires_at > facetdb.now_ms())`;

const changes: readonly SqlFunction[] = [
  {
    name: 'set', parameters: [['value', 'data']], optional: 'ttl interval default null', returns: 'void',
    about: 'Makes the key hold a string, whatever it held before; with ttl it expires after that time.',
    declare: 'expires_at bigint;',
    body: `perform facetdb.check_lengths(key, value);
  if ttl <= interval '0' then raise exception using errcode = 'invalid_parameter_value', message = 'a ttl is longer than nothing'; end if;
  expires_at := facetdb.now_ms() + (extract(epoch from ttl) * 1000)::bigint;
  execute format('insert into %I.keys (id, kind, expires_at, value, long_key) values ($1, ${string}, $2, $3, $4)
    on conflict (id) do update set kind = excluded.kind, expires_at = excluded.expires_at, value = excluded.value, ref = null, size = null, edge = null', space)
    using facetdb.key_identity(key), expires_at, value, case when length(key) > ${keyvalueLimits.identityBytes} then key end;`,
  },
  {
    name: 'delete', parameters: [], returns: 'boolean', about: 'Deletes the key; true when there was one.',
    declare: 'was_there boolean;',
    body: `execute format('delete from %I.keys where id = $1 returning expires_at is null or expires_at > facetdb.now_ms()', space)
    into was_there using facetdb.key_identity(key);
  return coalesce(was_there, false);`,
  },
  {
    name: 'incr', parameters: [], optional: 'amount bigint default 1', returns: 'bigint',
    about: 'Adds to the whole number that the key holds (0 where there is no key) and gives the sum. Its expiry stays.',
    declare: 'held record; total numeric; created int;',
    body: `perform facetdb.check_lengths(key, ''::bytea);
  loop
    held := facetdb.lock_key(space, key, ${string});
    if held.kind is not null then
      if encode(held.value, 'escape') !~ '^(0|-?[1-9][0-9]{0,18})$' then
        raise exception using errcode = 'invalid_text_representation', message = format('key "%s" does not hold a whole number', encode(key, 'escape'));
      end if;
      total := encode(held.value, 'escape')::bigint::numeric + amount;
      execute format('update %I.keys set value = $2 where id = $1', space) using facetdb.key_identity(key), convert_to(total::bigint::text, 'UTF8');
      return total::bigint;
    end if;
    execute format('insert into %I.keys (id, kind, value, long_key) values ($1, ${string}, $2, $3) on conflict (id) do nothing', space)
      using facetdb.key_identity(key), convert_to(amount::text, 'UTF8'), case when length(key) > ${keyvalueLimits.identityBytes} then key end;
    get diagnostics created = row_count;
    if created = 1 then return amount; end if;
  end loop;`,
  },
  {
    name: 'expire_at', parameters: [['moment', 'timestamptz']], returns: 'boolean',
    about: 'Lets the key expire at that moment, at once when it has passed; false where there is no key.',
    declare: 'changed int;',
    body: `if moment is null then
    raise exception using errcode = 'null_value_not_allowed', message = 'it is not said when the key expires', hint = 'facetdb.persist takes the expiry away';
  end if;
  if moment <= clock_timestamp() then return facetdb.delete(key, keyspace); end if;
  execute format('update %I.keys set expires_at = $2 where ${liveKey}', space) using key, (extract(epoch from moment) * 1000)::bigint;
  get diagnostics changed = row_count;
  return changed > 0;`,
  },
  {
    name: 'expire', parameters: [['ttl', 'interval']], returns: 'boolean',
    about: 'Lets the key expire after that time; false where there is no key.',
    body: `return facetdb.expire_at(key, clock_timestamp() + ttl, keyspace);`,
  },
  {
    name: 'persist', parameters: [], returns: 'boolean', about: 'Takes the expiry away; true when there was one.',
    declare: 'changed int;',
    body: `execute format('update %I.keys set expires_at = null where ${liveKey} and expires_at is not null', space) using key;
  get diagnostics changed = row_count;
  return changed > 0;`,
  },
  {
    name: 'hset', parameters: [['field', 'data'], ['value', 'data']], returns: 'boolean', about: 'Sets a field of a hash; true when the field is new.',
    declare: 'held record; is_new boolean;',
    body: `perform facetdb.check_lengths(key, field);
  perform facetdb.check_lengths(key, value);
  held := facetdb.lock_collection(space, key, ${hash});
  execute format('select not exists (select from %I.hash_fields where ref = $1 and digest = facetdb.element_digest($2))', space) into is_new using held.ref, field;
  execute format('insert into %I.hash_fields (ref, digest, field, value, number) values ($1, facetdb.element_digest($2), $2, $3, $4)
    on conflict (ref, digest) do update set value = excluded.value', space) using held.ref, field, value, held.edge;
  perform facetdb.settle_collection(space, key, held.size + is_new::int, held.edge + is_new::int);
  return is_new;`,
  },
  {
    name: 'hdel', parameters: [['field', 'data']], returns: 'boolean', about: 'Deletes a field of a hash; true when it was there.',
    body: `return facetdb.remove_element(space, key, field, ${hash}, 'hash_fields');`,
  },
  { name: 'lpush', parameters: [['item', 'data']], returns: 'bigint', about: "Puts an item at the list's left end; gives the list's length.", body: 'return facetdb.push(space, key, item, true);' },
  { name: 'rpush', parameters: [['item', 'data']], returns: 'bigint', about: "Puts an item at the list's right end; gives the list's length.", body: 'return facetdb.push(space, key, item, false);' },
  { name: 'lpop', parameters: [], returns: 'data', about: "Takes the item at the list's left end.", body: 'return facetdb.pop(space, key, true);' },
  { name: 'rpop', parameters: [], returns: 'data', about: "Takes the item at the list's right end.", body: 'return facetdb.pop(space, key, false);' },
  {
    name: 'sadd', parameters: [['member', 'data']], returns: 'boolean', about: 'Adds a member to a set; true when it is new.',
    declare: 'held record; added int;',
    body: `perform facetdb.check_lengths(key, member);
  held := facetdb.lock_collection(space, key, ${set});
  execute format('insert into %I.set_members (ref, digest, member) values ($1, facetdb.element_digest($2), $2) on conflict do nothing', space) using held.ref, member;
  get diagnostics added = row_count;
  if added > 0 then perform facetdb.settle_collection(space, key, held.size + 1, held.edge); end if;
  return added > 0;`,
  },
  {
    name: 'srem', parameters: [['member', 'data']], returns: 'boolean', about: 'Takes a member out of a set; true when it was there.',
    body: `return facetdb.remove_element(space, key, member, ${set}, 'set_members');`,
  },
  {
    name: 'zadd', parameters: [['score', 'float8'], ['member', 'data']], returns: 'boolean', about: 'Gives a member of a sorted set that score; true when the member is new.',
    body: `return (facetdb.put_score(space, key, score, member, false)).is_new;`,
  },
  {
    name: 'zincrby', parameters: [['amount', 'float8'], ['member', 'data']], returns: 'float8', about: "Adds to a member's score (0 for a new one) and gives the sum.",
    body: `return (facetdb.put_score(space, key, amount, member, true)).result;`,
  },
  {
    name: 'zrem', parameters: [['member', 'data']], returns: 'boolean', about: 'Takes a member out of a sorted set; true when it was there.',
    body: `return facetdb.remove_element(space, key, member, ${sortedSet}, 'sorted_set_members');`,
  },
];

/** The element's column or existence, for the functions that only look. */
const lookUp = (kind: number | undefined, table: string, wanted: string, otherwise = 'null'): string =>
  `perform facetdb.check_kind(space, key, ${kind});
  execute format('select ${wanted} from %1$I.keys k join %1$I.${table} e using (ref)
    where k.id = facetdb.key_identity($1) and (k.expires_at is null or k.expires_at > facetdb.now_ms()) and e.digest = facetdb.element_digest($2)', space)
    into found using key, element;
  return coalesce(found, ${otherwise});`;

const ofRow = (wanted: string, otherwise = 'null'): string =>
  `execute format('select ${wanted} from %I.keys where ${liveKey}', space) into found using key;
  return coalesce(found, ${otherwise});`;

const looks: readonly SqlFunction[] = [
  {
    name: 'get', parameters: [], returns: 'data', about: 'The string that the key holds, or null.', declare: 'found bytea;',
    body: `perform facetdb.check_kind(space, key, ${string});\n  ${ofRow('value')}`,
  },
  { name: 'exists', parameters: [], returns: 'boolean', about: 'Whether there is such a key.', declare: 'found boolean;', body: ofRow('true', 'false') },
  { name: 'type', parameters: [], returns: 'text', about: 'The kind of value that the key holds: string, list, set, zset or hash; null where there is no key.', declare: 'found text;', body: ofRow('facetdb.kind_name(kind)') },
  { name: 'size', parameters: [], returns: 'bigint', about: "A string's length in bytes, a collection's number of elements; 0 where there is no key.", declare: 'found bigint;', body: ofRow('case when kind = 1 then octet_length(value) else size end', '0') },
  { name: 'expires_at', parameters: [], returns: 'timestamptz', about: 'When the key expires; null for never and where there is no key.', declare: 'found timestamptz;', body: ofRow('facetdb.expiry_time(expires_at)') },
  { name: 'hget', parameters: [['element', 'data']], returns: 'data', about: 'The value of a field of a hash, or null.', declare: 'found bytea;', body: lookUp(hash, 'hash_fields', 'e.value') },
  { name: 'sismember', parameters: [['element', 'data']], returns: 'boolean', about: 'Whether the set has the member.', declare: 'found boolean;', body: lookUp(set, 'set_members', 'true', 'false') },
  { name: 'zscore', parameters: [['element', 'data']], returns: 'float8', about: "A member's score, or null.", declare: 'found float8;', body: lookUp(sortedSet, 'sorted_set_members', 'e.score') },
];

const checkKind = `
create function facetdb.check_kind(space text, key bytea, wanted int) returns void language plpgsql stable as $$
declare
  held int;
begin
  execute format('select kind from %I.keys where ${liveKey}', space) into held using key;
  if held <> wanted then
    raise exception using errcode = 'wrong_object_type',
      message = format('key "%s" holds a %s, not a %s', encode(key, 'escape'), facetdb.kind_name(held::int2), facetdb.kind_name(wanted::int2));
  end if;
end $$;
`;

/** The binary form, which does the work, and the text form. */
function definition({ name, parameters, optional, returns, about, declare = '', body }: SqlFunction): string {
  const list = (data: string): string =>
    [`key ${data}`, ...parameters.map(([parameter, type]) => `${parameter} ${type === 'data' ? data : type}`), ...(optional === undefined ? [] : [optional]), 'keyspace int default 0'].join(', ');
  const passed = [
    `convert_to(key, 'UTF8')`,
    ...parameters.map(([parameter, type]) => (type === 'data' ? `convert_to(${parameter}, 'UTF8')` : parameter)),
    ...(optional === undefined ? [] : [optional.slice(0, optional.indexOf(' '))]),
    'keyspace',
  ];
  const call = `facetdb.${name}(${passed.join(', ')})`;
  const types = (data: string): string => list(data).replace(/ default [^\s,]+/gu, '');
  const comments = ['bytea', 'text'].map((data) => `comment on function facetdb.${name}(${types(data)}) is ${quoted(about)};`);
  return `
create function facetdb.${name}(${list('bytea')}) returns ${returns === 'data' ? 'bytea' : returns} language plpgsql as $$
declare
  space text := facetdb.keyspace_schema(keyspace);
  ${declare}
begin
  ${body}
end $$;
create function facetdb.${name}(${list('text')}) returns ${returns === 'data' ? 'text' : returns} language sql
  return ${returns === 'data' ? `convert_from(${call}, 'UTF8')` : call};
${comments.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export const sqlFunctions = [
  `create function facetdb.key_identity(key text) returns bytea language sql stable strict return facetdb.key_identity(convert_to(key, 'UTF8'));`,
  internals,
  checkKind,
  ...changes.map(definition),
  ...looks.map(definition),
].join('\n');
