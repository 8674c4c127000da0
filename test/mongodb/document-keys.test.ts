// The keys that SQL makes of values order and tell apart as the values do, and the gateway makes the same of what it asks for.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import { sqlKeyOf } from '../../src/facets/documents/planner/sql-keys.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { compareValues } from '../../src/values/bson/compare.ts';
import { decimalFromString } from '../../src/values/bson/decimal.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { toExtendedJson, toStoredJson } from '../../src/values/bson/extended-json.ts';
import { DateTime, int32, Timestamp, type Value } from '../../src/values/bson/types.ts';
import { sharedServer } from '../support/shared-server.ts';

let engine: Engine;

before(async () => {
  engine = await Engine.openExternal({ url: (await sharedServer()).postgres, log: silentLog });
});
after(() => engine.close());

let state = 20_261_127;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const decimals = (...texts: readonly string[]): Value[] => texts.map((text) => decimalFromString(text)!);
const view = new DataView(new ArrayBuffer(8));

function anyDouble(): number {
  view.setUint32(0, random(2 ** 32));
  view.setUint32(4, random(2 ** 32));
  const value = view.getFloat64(0);
  return Number.isFinite(value) ? value : 0;
}

/** A double and what is near it: exact numbers by its shortest digits and a little more, and its neighbors. */
function neighborhood(double: number): Value[] {
  view.setFloat64(0, double);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  const next = view.getFloat64(0);
  const digits = double.toExponential();
  const [mantissa = '0', exponent = '0'] = digits.split('e');
  const longer = mantissa.includes('.') ? `${mantissa}000000000001` : `${mantissa}.000000000000000000001`;
  const whole = Number.isInteger(double) && Math.abs(double) < 2 ** 63 ? [BigInt(double), BigInt(double) + 1n].filter((long) => BigInt.asIntN(64, long) === long) : [];
  return [double, ...(Number.isFinite(next) ? [next] : []), ...decimals(digits, `${longer}e${exponent}`), ...whole];
}

const numbers: readonly Value[] = [
  0, -0, int32(0), 0n, int32(7), 7, 7n, 1.5, Number.NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n,
  ...decimals('NaN', 'Infinity', '-Infinity', '-0', '0E-6176', '1E-6176', '-1E-6176', '9.999999999999999999999999999999999E6144', '-1E6144', '0.1', '7', '7.00', '1.50', '1.797693134862315708145274237317044E308', '1.8E308', '2.5E-324', '4.95E-324', '1234567890123456789012345678901234'),
  ...[0.1, 0.3, 1e21, 2 ** 60, 2 ** 62, 1e22, 123_456_789.123, 1e300, 1e-300, 2 ** 53 + 2].flatMap(neighborhood),
  ...Array.from({ length: 40 }, anyDouble).flatMap(neighborhood),
];
const texts: readonly Value[] = ['', 'a', '\0', '\u0001', '\u0002', '\0\0', '\0\u0001', '\u0001\0', '\u0001\u0001', 'a\0', 'a\u0001', 'a\u0001b', 'ab', 'a\0b', '\ufdd0', '\ufdd00', '\ufdd0\0', '\0\ufdd0', '\ufdd0\ufdd00', '\ufdd0$a', '\ufdcf', '\ufdd1', '😀', '\uffff', 'ü', 'x'.repeat(160), 'x'.repeat(159), '\0'.repeat(80)];
const times: readonly Value[] = [new DateTime(0n), new DateTime(2n ** 63n - 1n), new DateTime(-(2n ** 63n)), new DateTime(2n ** 53n + 1n), new Timestamp(0n), new Timestamp(2n ** 64n - 1n), new Timestamp(1n << 32n)];

for (const [kind, values] of Object.entries({ numbers, texts, times })) {
  test(`keys of ${kind}`, async () => {
    const documents = values.map((value) => toStoredJson(encodeDocument(new Map([['a', value]]))));
    const asked = values.map((value) => sqlKeyOf(value)!.json);
    const rows = await engine.systemPool.query<{ same: boolean; quick: boolean; place: number }>(
      `select value = asked as same, facetdb.order_key(doc, '{a}', false) = value as quick, dense_rank() over (order by value)::int as place
         from (select facetdb.order_value(doc::jsonb -> 'a') as value, doc::jsonb as doc, asked::jsonb, n from unnest($1::text[], $2::text[]) with ordinality as u (doc, asked, n)) as keys order by n`,
      [documents, asked],
    );
    for (const [index, { same, quick }] of rows.entries()) assert.ok(same && quick, `${toExtendedJson(values[index]!)}: ${asked[index]}`);
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) {
        const isSame = Math.sign(rows[i]!.place - rows[j]!.place) === Math.sign(compareValues(a, b));
        if (!isSame) assert.fail(`${toExtendedJson(a)} and ${toExtendedJson(b)}`);
      }
    }
  });
}
