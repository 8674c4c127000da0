// Redis's arithmetic of scores for PostgreSQL, whose own fails where a result is too large or too small for a double: there it is infinite, or 0.

import type { Migration } from '../../engine/migrations.ts';

export const scoreArithmetic: Migration = {
  number: 27,
  name: 'arithmetic of scores',
  sql: `
-- NaN where an infinite score counts nothing.
create function facetdb.weighted_score(weight float8, score float8) returns float8
  language plpgsql immutable strict parallel restricted as $$
begin
  -- Most are far from where it could fail; to catch an error costs several times what multiplying does.
  if abs(weight) between 1e-150 and 1e150 and abs(score) between 1e-150 and 1e150 then
    return weight * score;
  end if;
  begin
    return weight * score;
  exception when numeric_value_out_of_range then
    return case when abs(weight) > 1 then sign(weight) * sign(score) * 'infinity'::float8 else 0 end;
  end;
end $$;
comment on function facetdb.weighted_score is 'The product, as C computes it.';

create function facetdb.add_score(total float8, score float8) returns float8
  language plpgsql immutable strict parallel restricted as $$
begin
  if abs(total) <= 1e300 and abs(score) <= 1e300 then
    return total + score;
  end if;
  begin
    return coalesce(nullif(total + score, 'NaN'), 0);
  exception when numeric_value_out_of_range then
    return sign(total) * 'infinity'::float8;
  end;
end $$;
comment on function facetdb.add_score is 'The sum, as Redis computes it: infinities of both signs make 0.';

create aggregate facetdb.sum_of_scores(float8) (sfunc = facetdb.add_score, stype = float8);
`,
};
