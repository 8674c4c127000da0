// Views with typed columns over collections, for SQL.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Decimal128, Long, ObjectId, type Document } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { withClient } from '../support/with-client.ts';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

async function rows(text: string): Promise<Document[]> {
  const { postgres } = await sharedServer();
  return await withClient(postgres, async (client) => (await client.query<Document>(text)).rows);
}

test('columns are found, and have the types of their values', async () => {
  const id = new ObjectId();
  await own.db.collection<Document>('movies').insertMany([
    { _id: id, title: 'Solaris', year: 1972, votes: Long.fromNumber(5_000_000_000), stars: Decimal128.fromString('4.5'), seen: true, at: new Date(0), mixed: 1, tags: ['x'] },
    { _id: new ObjectId(), title: null, year: 1979.5, mixed: 'two' },
  ]);
  const schema = own.db.databaseName;
  assert.deepEqual(await rows(`select facetdb.create_typed_view('"${schema}".movies') as name`), [{ name: `${schema}.movies_typed` }]);
  const [first, second] = await rows(`select * from "${schema}".movies_typed order by year`);
  assert.deepEqual(first, { _id: id.toHexString(), at: new Date(0), mixed: 1, seen: true, stars: '4.5', tags: ['x'], title: 'Solaris', votes: '5000000000', year: '1972' });
  assert.deepEqual({ ...second, _id: '' }, { _id: '', at: null, mixed: 'two', seen: null, stars: null, tags: null, title: null, votes: null, year: '1979.5' });
  const types = await rows(`select column_name as name, data_type as type from information_schema.columns where table_schema = '${schema}' and table_name = 'movies_typed' and column_name in ('at', 'mixed', 'year') order by 1`);
  assert.deepEqual(types.map(({ type }) => type), ['timestamp with time zone', 'jsonb', 'numeric']);
});

test('columns that are asked for, by paths and types; the view goes with its collection', async () => {
  const schema = own.db.databaseName;
  await own.db.collection<Document>('films').insertOne({ title: 'Stalker', director: { name: 'Tarkovsky' }, year: 1979 });
  await rows(`select facetdb.create_typed_view('"${schema}".films', 'wanted', '{"title": "text", "director.name": "text", "year": "integer", "absent": "date"}')`);
  assert.deepEqual(await rows(`select * from "${schema}".wanted`), [{ absent: null, director_name: 'Tarkovsky', title: 'Stalker', year: 1979 }]);
  await assert.rejects(rows(`select facetdb.create_typed_view('"${schema}".films', 'other', '{"title": "point"}')`), /none that a typed view can have/u);
  await own.db.collection('films').drop();
  assert.deepEqual(await rows(`select to_regclass('"${schema}".wanted') as view`), [{ view: null }]);
});
