// Views with typed columns over collections, for SQL and the tools that speak it:
//   select facetdb.create_typed_view('shop.movies');
//   select facetdb.create_typed_view('shop.movies', 'films', '{"title": "text", "director.name": "text", "year": "int"}');

import type { Migration } from '../../../engine/migrations.ts';

export const typedViews: Migration = {
  number: 15,
  name: 'typed views',
  sql: `
    -- A value of a document as one of SQL's; null where it is of another kind.
    create function facetdb.as_text(value jsonb) returns text language sql immutable parallel safe as $$
      select case jsonb_typeof(value) when 'object' then coalesce(value ->> '$oid', value ->> '$numberLong', value ->> '$numberDecimal', value ->> '$numberDouble', value ->> '$symbol')
        when 'array' then null else value #>> '{}' end
    $$;
    create function facetdb.as_numeric(value jsonb) returns numeric language sql immutable parallel safe as $$
      select case jsonb_typeof(value) when 'number' then value::numeric
        when 'object' then coalesce(value ->> '$numberLong', value ->> '$numberDouble', value ->> '$numberDecimal')::numeric end
    $$;
    create function facetdb.as_boolean(value jsonb) returns boolean language sql immutable parallel safe as $$
      select case jsonb_typeof(value) when 'boolean' then value::boolean end
    $$;
    create function facetdb.as_timestamptz(value jsonb) returns timestamptz language sql immutable parallel safe as $$
      select case when jsonb_typeof(value) = 'object' and value ? '$date' then to_timestamp((value #>> '{$date,$numberLong}')::float8 / 1000) end
    $$;

    -- The expression of a column: the value at a path, as a type.
    create function facetdb.typed_expression(path text, type text) returns text language plpgsql immutable as $$
    declare
      value constant text := format('doc #> %L', string_to_array(path, '.'));
      wanted constant text := pg_catalog.format_type(type::regtype, null);
    begin
      return case
        when wanted = 'jsonb' then value
        when wanted in ('text', 'character varying') then format('facetdb.as_text(%s)', value)
        when wanted = 'boolean' then format('facetdb.as_boolean(%s)', value)
        when wanted in ('timestamp with time zone', 'date') then format('facetdb.as_timestamptz(%s)%s', value, case wanted when 'date' then '::date' else '' end)
        when wanted in ('numeric', 'double precision', 'real') then format('facetdb.as_numeric(%s)::%s', value, wanted)
        when wanted in ('bigint', 'integer', 'smallint') then format('trunc(facetdb.as_numeric(%s))::%s', value, wanted)
      end;
    end $$;

    -- The fields of a collection's first thousand documents with the type that fits all values of each; else jsonb.
    create function facetdb.infer_columns(collection regclass) returns jsonb language plpgsql stable as $$
    declare columns jsonb;
    begin
      execute format($query$
        with field as (
          select name, ordinality, case
            when jsonb_typeof(value) = 'null' then null
            when jsonb_typeof(value) = 'string' or value ? '$oid' then 'text'
            when jsonb_typeof(value) = 'number' or value ? '$numberLong' or value ? '$numberDouble' or value ? '$numberDecimal' then 'numeric'
            when jsonb_typeof(value) = 'boolean' then 'boolean'
            when jsonb_typeof(value) = 'object' and value ? '$date' then 'timestamptz'
            else 'jsonb' end as type
          from (select doc from %s limit 1000) as sample, jsonb_each(doc) with ordinality as each (name, value, ordinality)
        )
        select jsonb_object_agg(name, type) from (select name, case count(distinct type) when 1 then min(type) else 'jsonb' end as type from field group by name) as typed
      $query$, collection) into columns;
      return coalesce(columns, '{"_id": "text"}');
    end $$;

    -- Makes (or replaces) a view over a collection. "columns": paths with their types (text, numeric, double precision, bigint, integer,
    -- boolean, timestamptz, date, jsonb), of which a path "a.b" becomes the column "a_b"; by default what is found. Gives the view's name.
    create function facetdb.create_typed_view(collection regclass, view_name text default null, columns jsonb default null) returns text language plpgsql as $$
    declare
      own record;
      path text;
      type text;
      parts text[] := '{}';
      expression text;
      made text;
    begin
      select n.nspname as schema, c.relname as name into own from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = collection;
      made := format('%I.%I', own.schema, coalesce(view_name, own.name || '_typed'));
      for path, type in select key, value from jsonb_each_text(coalesce(columns, facetdb.infer_columns(collection))) order by key <> '_id', key loop
        expression := facetdb.typed_expression(path, type);
        if expression is null then raise exception 'the type % of the column % is none that a typed view can have', type, path using errcode = '22023'; end if;
        parts := parts || format('%s as %I', expression, replace(path, '.', '_'));
      end loop;
      execute format('drop view if exists %s', made);
      execute format('create view %s with (security_invoker = true) as select %s from %s', made, array_to_string(parts, ', '), collection);
      execute format('comment on view %s is %L', made, 'A typed view by FacetDB of ' || collection::text);
      return made;
    end $$;

    -- Before a collection is dropped: its typed views go with it.
    create function facetdb.drop_typed_views(collection regclass) returns void language plpgsql as $$
    declare dependent regclass;
    begin
      for dependent in
        select distinct r.ev_class from pg_depend d join pg_rewrite r on r.oid = d.objid
         where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = collection and r.ev_class <> collection
           and obj_description(r.ev_class, 'pg_class') like 'A typed view by FacetDB of %'
      loop
        execute format('drop view %s', dependent);
      end loop;
    end $$;`,
};
