// Commands that are not as they should be: each misuse has MongoDB 7.0's code and words. A row is a command and what it
// answers; DB stands for the database's name.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Binary, Long, MongoServerError, UUID, type Document } from 'mongodb';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
  await own.db.collection<{ _id: string; z?: number; text?: string }>('things').insertMany([{ _id: 'number', z: 1 }, { _id: 'text', text: 'x' }]);
  await own.db.createCollection('seen', { viewOn: 'things', pipeline: [] });
});
after(() => own.close());

const notToBeIncremented = "Cannot apply $inc to a value of non-numeric type. {_id: \"text\"} has the field 'text' of non-numeric type string";

type Row = readonly [command: Document, code: number, text: string];

async function check(rows: readonly Row[], database = own.db): Promise<void> {
  for (const [command, code, text] of rows) {
    const name = JSON.stringify(command).slice(0, 200);
    const expected = text.replaceAll('DB', own.db.databaseName);
    await assert.rejects(database.command(command), (error) => {
      assert.ok(error instanceof MongoServerError, name);
      assert.deepEqual({ code: error.code, text: error.message }, { code, text: expected }, name);
      return true;
    });
  }
}

test('names', async () => {
  const long = 'x'.repeat(300);
  await check([
    [{ find: 1 }, 2, 'collection name has invalid type int'],
    [{ find: null }, 2, 'collection name has invalid type null'],
    [{ insert: '', documents: [{}] }, 73, "Invalid namespace specified 'DB.'"],
    [{ insert: '.a', documents: [{}] }, 73, "Collection names cannot start with '.': .a"],
    [{ insert: 'a$b', documents: [{}] }, 73, 'Invalid collection name: a$b'],
    [{ create: 'a\0b' }, 73, 'namespaces cannot have embedded null characters'],
    [{ create: long }, 73, `Fully qualified namespace is too long. Namespace: DB.${long} Max: 255`],
    [{ create: 'system.things' }, 73, 'Invalid system namespace: DB.system.things'],
    [{ getMore: Long.fromNumber(7), collection: '' }, 73, 'Collection names cannot be empty'],
  ]);
  await own.db.createCollection('ends.');
  assert.deepEqual((await own.db.listCollections({ name: 'ends.' }).toArray()).length, 1);
});

test('fields', async () => {
  await check([
    [{ nonsense: 1 }, 59, "no such command: 'nonsense'"],
    [{ find: 'things', nonsense: 1 }, 40_415, "BSON field 'find.nonsense' is an unknown field."],
    [{ distinct: 'things' }, 40_414, "BSON field 'distinct.key' is missing but a required field"],
    [{ insert: 'things', documents: null }, 40_414, "BSON field 'insert.documents' is missing but a required field"],
    [{ insert: 'things', documents: [1] }, 14, "BSON field 'insert.documents.0' is the wrong type 'int', expected type 'object'"],
    [{ insert: 'things', documents: [{}], ordered: 1 }, 14, "BSON field 'insert.ordered' is the wrong type 'int', expected type 'bool'"],
    [{ insert: 'things', documents: [] }, 16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.'],
    [{ find: 'things', filter: null }, 14, 'Expected field filterto be of type object'],
    [{ find: 'things', limit: 'x' }, 14, "BSON field 'find.limit' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ find: 'things', limit: -1 }, 51_024, "BSON field 'limit' value must be >= 0, actual value '-1'"],
    [{ find: 'things', singleBatch: 1 }, 14, "Field 'singleBatch' should be a boolean value, but found: int"],
    [{ find: 'things', hint: 5 }, 9, 'Hint must be a string or an object'],
    [{ find: 'things', awaitData: true }, 9, "Cannot set 'awaitData' without also setting 'tailable'"],
    [{ count: 'things', limit: 'x' }, 2, 'limit value is not a valid number'],
    [{ count: 'things', limit: 1.5 }, 9, 'Expected an integer: limit: 1.5'],
    [{ count: 'things', skip: 'x' }, 14, "BSON field 'count.skip' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ count: 'things', skip: -1 }, 51_024, "BSON field 'skip' value must be >= 0, actual value '-1'"],
    [{ count: 'things', mirrored: null }, 14, "Field 'mirrored' should be a boolean value, but found: null"],
    [{ find: 'things', singleBatch: null }, 14, "Field 'singleBatch' should be a boolean value, but found: null"],
    [{ find: 'things', collation: null }, 14, 'Expected field collationto be of type object'],
    [{ find: 'things', collation: { locale: 'simple', strength: 6 } }, 51_024, "BSON field 'strength' value must be <= 5, actual value '6'"],
    [{ find: 'things', collation: { locale: 'simple', strength: 1 } }, 9, 'If locale=simple, no other fields should be present in: { locale: "simple", strength: 1 }'],
    [{ count: 'things', collation: { locale: 'en', alternate: 'x' } }, 2, "Enumeration value 'x' for field 'collation.alternate' is not a valid value."],
    [{ count: 'things', collation: { locale: 'en', x: 1 } }, 40_415, "BSON field 'collation.x' is an unknown field."],
    [{ create: 'other', validationLevel: 'x' }, 2, "Enumeration value 'x' for field 'create.validationLevel' is not a valid value."],
    [{ collMod: 'things', validationAction: 'x' }, 2, "Enumeration value 'x' for field 'collMod.validationAction' is not a valid value."],
    [{ create: 'other', collation: {} }, 2, "'collation' cannot be empty"],
    [{ create: 'other', expireAfterSeconds: 'x' }, 14, "BSON field 'create.expireAfterSeconds' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ insert: 'things', documents: [null] }, 16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.'],
    [{ insert: 'things', documents: [{}], stmtIds: [1, 2] }, 16, 'Number of statement ids must match the number of batch entries. Got 2 statement ids but 1 operations. Statement ids: [ 1, 2 ]'],
    [{ findAndModify: 'things', remove: true, stmtId: 1.5 }, 14, "BSON field 'findAndModify.stmtId' is the wrong type 'double', expected type 'int'"],
    [{ createIndexes: 'things', v: 'x', indexes: [] }, 14, "BSON field 'createIndexes.v' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ listIndexes: 'things', includeBuildUUIDs: true, includeIndexBuildInfo: true }, 72, 'The includeBuildUUIDs flag and includeBuildIndexInfo flag cannot both be set to true'],
    [{ getMore: Long.fromNumber(7), collection: 'things', maxTimeMS: 'x' }, 14, "BSON field 'getMore.maxTimeMS' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ aggregate: 'things', pipeline: 1, cursor: {} }, 14, "'pipeline' option must be specified as an array"],
    [{ aggregate: 'things', pipeline: [], cursor: 1 }, 14, 'cursor field must be missing or an object'],
    [{ aggregate: 'things', pipeline: [], cursor: { batchSize: 'x' } }, 14, "BSON field 'cursor.batchSize' is the wrong type 'string', expected types '[long, int, decimal, double']"],
    [{ update: 'things', updates: [{ q: {}, u: 1 }] }, 9, 'Update argument must be either an object or an array'],
    [{ delete: 'things', deletes: [{ q: {}, limit: 0.5 }] }, 9, 'The limit field in delete objects must be 0 or 1. Got 0.5'],
    [{ findAndModify: 'things', remove: true, update: {} }, 9, 'Cannot specify both an update and remove=true'],
    [{ findAndModify: 'things', query: { _id: 'text' }, update: { $inc: { text: 1 } } }, 14, `Plan executor error during findAndModify :: caused by :: ${notToBeIncremented}`],
    [{ findAndModify: 'things', query: { text: 'x' }, update: { $inc: { text: 1 } } }, 14, `Plan executor error during findAndModify :: caused by :: ${notToBeIncremented}`],
    [{ findAndModify: 'things', update: { $set: { z: 1 }, $v: 1 } }, 9, 'The $v update field is only recognized internally'],
    [{ getMore: 1, collection: 'things' }, 14, "BSON field 'getMore.getMore' is the wrong type 'int', expected type 'long'"],
    [{ killCursors: 'things', cursors: [1] }, 14, "BSON field 'killCursors.cursors.0' is the wrong type 'int', expected type 'long'"],
  ]);
});

test('what stands for nothing in a field', async () => {
  const answers: readonly (readonly [command: Document, reply: Document])[] = [
    [{ insert: 'nulls', documents: [null, { _id: 1 }, null, { _id: 2 }] }, { n: 2, ok: 1 }],
    [{ update: 'nulls', updates: [null, { q: { _id: 1 }, u: { $set: { a: 1 } } }] }, { n: 1, nModified: 1, ok: 1 }],
    [{ delete: 'nulls', deletes: [{ q: { _id: 1 }, limit: 'everything' }, { q: { _id: 2 }, limit: null }] }, { n: 2, ok: 1 }],
  ];
  for (const [command, expected] of answers) {
    const { $clusterTime: _time, operationTime: _at, ...reply } = await own.db.command(command);
    assert.deepEqual(reply, expected, JSON.stringify(command));
  }
  const { cursor } = await own.db.command({ listIndexes: 'nulls', includeIndexBuildInfo: true });
  assert.deepEqual(cursor.firstBatch, [{ spec: { v: 2, key: { _id: 1 }, name: '_id_' } }]);
});

test('what pipelines do not have is refused where find reads a view', async () => {
  await check([
    [{ find: 'seen', min: { _id: 1 }, hint: { _id: 1 } }, 168, 'Option min not supported in aggregation.'],
    [{ find: 'seen', returnKey: true }, 168, 'Option returnKey not supported in aggregation.'],
    [{ find: 'seen', showRecordId: true }, 168, 'Option showRecordId not supported in aggregation.'],
    [{ find: 'seen', tailable: true }, 168, 'Tailable cursors are not supported in aggregation.'],
  ]);
});

test('time limits and concerns', async () => {
  await check([
    [{ find: 'things', maxTimeMS: 'x' }, 2, 'maxTimeMS must be a number'],
    [{ find: 'things', maxTimeMS: -1 }, 2, '-1 value for maxTimeMS is out of range [0, 2147483647]'],
    [{ find: 'things', maxTimeMS: 1.5 }, 2, 'maxTimeMS has non-integral value'],
    [{ aggregate: 'things', pipeline: [], cursor: {}, maxTimeMS: -1 }, 51_024, "BSON field 'maxTimeMS' value must be >= 0, actual value '-1'"],
    [{ find: 'things', writeConcern: { w: 1 } }, 72, 'Command does not support writeConcern'],
    [{ insert: 'things', documents: [{}], writeConcern: { nonsense: 3 } }, 40_415, "BSON field 'WriteConcernOptions.nonsense' is an unknown field."],
    [{ listCollections: 1, readConcern: { level: 'majority' } }, 72, 'Command listCollections does not support { readConcern: { level: "majority" } } :: caused by :: read concern not supported'],
  ]);
});

test('create', async () => {
  await check([
    [{ create: 'q', capped: true }, 72, "the 'size' field is required when 'capped' is true"],
    [{ create: 'q', size: 5 }, 72, "the 'capped' field needs to be true when either the 'size' or 'max' fields are present"],
    [{ create: 'q', capped: true, size: -500 }, 51_024, "BSON field 'size' value must be >= 1, actual value '-500'"],
    [{ create: 'q', capped: 'x' }, 14, "BSON field 'create.capped' is the wrong type 'string', expected types '[bool, long, int, decimal, double']"],
    [{ create: 'v', viewOn: 'v' }, 5, 'View cycle detected: DB.v => DB.v'],
    [{ create: 'v', viewOn: 'things', pipeline: [{ $nonsense: 1 }] }, 40_324, "Unrecognized pipeline stage name: '$nonsense'"],
    [{ create: 'things', viewOn: 'x' }, 48, 'namespace DB.things already exists, but with different options: {}'],
    [{ create: 'v', viewOn: 'things', validator: {} }, 72, 'option not supported on a view: validator'],
    [{ create: 'q', idIndex: {} }, 9, "The 'key' field is a required property of an index specification"],
    [{ create: 'q', idIndex: { key: { a: 1 }, name: '_id_' } }, 2, "The field 'key' for an _id index must be {_id: 1}, but got { a: 1 }"],
    [{ create: 'q', autoIndexId: false }, 50_001, 'autoIndexId:false is not allowed for collection DB.q because it can be replicated'],
    [{ create: 'q', storageEngine: { rocks: {} } }, 72, 'rocks is not a registered storage engine for this server'],
    [{ create: 'q', expireAfterSeconds: 5 }, 72, "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified"],
    [{ create: 'q', clusteredIndex: { key: { _id: 1 } } }, 40_414, "BSON field 'create.clusteredIndex.unique' is missing but a required field"],
    [{ create: 'q', timeseries: { timeField: 't', granularity: 'days' } }, 2, "Enumeration value 'days' for field 'create.timeseries.granularity' is not a valid value."],
    [{ create: 'q', changeStreamPreAndPostImages: { enabled: 'x' } }, 14, "BSON field 'create.changeStreamPreAndPostImages.enabled' is the wrong type 'string', expected types '[bool, long, int, decimal, double']"],
    [{ collMod: 'seen', validator: {} }, 72, 'option not supported on a view: validator'],
    [{ find: 'things', collation: { locale: 'nowhere' } }, 2, 'Field \'locale\' is invalid in: { locale: "nowhere" }'],
    [{ find: 'things', collation: { locale: 'de', strength: 1, backwards: true } }, 2, '\'backwards\' is invalid with \'strength\' of 1 in: { locale: "de", strength: 1, backwards: true }'],
    [{ listIndexes: 'absent', cursor: { batchSize: -1 } }, 51_024, "BSON field 'batchSize' value must be >= 0, actual value '-1'"],
    [{ killCursors: '', cursors: [] }, 73, "Invalid namespace specified 'DB.'"],
  ]);
  await check([[{ renameCollection: `${own.db.databaseName}.things`, to: `${own.db.databaseName}.seen`, dropTarget: true }, 48, 'a view already exists with that name: DB.seen']], own.client.db('admin'));
});

test('indexes', async () => {
  const index = (specification: Document): Document => ({ createIndexes: 'things', indexes: [specification] });
  const inSpecification = (specification: string, text: string): string => `Error in specification ${specification} :: caused by :: ${text}`;
  await own.db.command(index({ key: { z: 1 }, name: 'z_1' }));
  assert.equal((await own.db.command(index({ key: { _id: 1 }, name: 'any' })))['note'], 'all indexes already exist');
  await check([
    [index({}), 9, inSpecification('{}', "The 'key' field is a required property of an index specification")],
    [index({ key: { v: 1 } }), 9, inSpecification('{ key: { v: 1 } }', "The 'name' field is a required property of an index specification")],
    [index({ key: { v: 1 }, name: '' }), 67, inSpecification('{ key: { v: 1 }, name: "", v: 2 }', 'index name cannot be empty')],
    [index({ key: {}, name: 'x' }), 67, inSpecification('{ key: {}, name: "x" }', 'Index keys cannot be empty.')],
    [index({ key: { a: 0 }, name: 'x' }), 67, inSpecification('{ key: { a: 0 }, name: "x" }', 'Values in the index key pattern cannot be 0.')],
    [index({ key: { a: 'x' }, name: 'x' }), 67, inSpecification('{ key: { a: "x" }, name: "x" }', "Unknown index plugin 'x'")],
    [index({ key: { _id: 1 }, name: '_id_', unique: true }), 197, 'The field \'unique\' is not valid for an _id index specification. Specification: { key: { _id: 1 }, name: "_id_", unique: true, v: 2 }'],
    [index({ key: { a: 1 }, name: 'x', expireAfterSeconds: 'x' }), 67, ". Index spec: { key: { a: 1 }, name: \"x\", expireAfterSeconds: \"x\" } :: caused by :: TTL index 'expireAfterSeconds' option must be numeric, but received a type of 'string'"],
    [index({ key: { '$**': 1 }, name: 'x', unique: true }), 67, inSpecification('{ key: { $**: 1 }, name: "x", unique: true, v: 2 }', "Index type 'wildcard' does not support the 'unique' option")],
    [index({ key: { a: 1, '$**': 1 }, name: 'x' }), 67, inSpecification('{ key: { a: 1, $**: 1 }, name: "x" }', "Compound wildcard indexes on all fields must also specify 'wildcardProjection' option")],
    [index({ key: { a: 1, '$**': 1 }, name: 'x', wildcardProjection: { b: 0 } }), 7_246_210, inSpecification('{ key: { a: 1, $**: 1 }, name: "x", wildcardProjection: { b: 0 } }', "wildcardProjection paths must exclude all regular index fields, however 'a'is not excluded.")],
    [index({ key: { a: 1 }, name: 'x', wildcardProjection: { b: 0 } }), 2, inSpecification('{ key: { a: 1 }, name: "x", wildcardProjection: { b: 0 } }', "The field 'wildcardProjection' is only allowed in 'wildcard' indexes")],
    [index({ key: { a: 'hashed', b: 'hashed' }, name: 'x' }), 31_303, "A maximum of one index field is allowed to be hashed but found 2 for 'key' { a: \"hashed\", b: \"hashed\" }"],
    [index({ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $ne: 1 } } }), 67, inSpecification('{ key: { a: 1 }, name: "x", partialFilterExpression: { a: { $ne: 1 } }, v: 2 }', 'Expression not supported in partial index: { a: { $ne: 1 } }')],
    [index({ key: { z: 1 }, name: 'other' }), 85, 'Index already exists with a different name: z_1'],
    [index({ key: { z: 1 }, name: 'z_1', expireAfterSeconds: 5 }), 85, 'An equivalent index already exists with the same name but different options. Requested index: { v: 2, key: { z: 1 }, name: "z_1", expireAfterSeconds: 5 }, existing index: { v: 2, key: { z: 1 }, name: "z_1" }'],
    [{ createIndexes: 'things', indexes: [{ key: { n: 1 }, name: 'n' }, { key: { n: 1 }, name: 'n' }] }, 68, 'Identical index already exists: n'],
    [{ createIndexes: 'things', indexes: [] }, 2, 'Must specify at least one index to create'],
    [{ dropIndexes: 'things', index: true }, 14, "BSON field 'dropIndexes.index' is the wrong type 'bool', expected types '[string, object']"],
    [{ dropIndexes: 'things', index: [{}] }, 14, "BSON field 'dropIndexes.index' is the wrong type 'array', expected types '[string']"],
    [{ dropIndexes: 'things', index: 'absent' }, 27, 'index not found with name [absent]'],
    [{ dropIndexes: 'things', index: { _id: 1 } }, 72, 'cannot drop _id index'],
    [{ dropIndexes: 'absent', index: '*' }, 26, 'ns not found DB.absent'],
    [{ listIndexes: 'absent' }, 26, 'ns does not exist: DB.absent'],
  ]);
});

test('indexes that hold a part of the documents, or of their fields, are used', async () => {
  const films = own.db.collection<Document>('partly');
  await films.insertMany(Array.from({ length: 2_000 }, (_, n) => ({ n, state: n % 50 === 0 ? 'new' : 'old', of: { maker: n % 40, year: n % 7 }, ...(n % 100 === 0 && { prize: n }) })));
  await films.createIndex({ n: 1 }, { name: 'recent', partialFilterExpression: { state: 'new' } });
  await films.createIndex({ prize: 1 }, { sparse: true });
  await films.createIndex({ 'of.$**': 1 });
  const indexOf = async (filter: Document, sort: Document = {}): Promise<unknown> => JSON.stringify((await films.find(filter).sort(sort).limit(3).explain('queryPlanner'))['queryPlanner'].winningPlan);
  for (const [filter, sort, used] of [
    [{ state: 'new', n: { $gt: 500 } }, { n: 1 }, 'recent'], [{ state: 'new' }, { n: -1 }, 'recent'], [{ prize: 500 }, {}, 'prize_1'], [{ 'of.maker': 3 }, {}, 'of.$**_1'], [{ 'of.maker': { $in: [3, 4] } }, {}, 'of.$**_1'],
  ] as const) assert.match(String(await indexOf(filter, sort)), new RegExp(`"indexName":"${used.replaceAll(/[.$*]/g, '\\$&')}"`), JSON.stringify(filter));
  assert.equal(await films.countDocuments({ state: 'new', n: { $gt: 500 } }), 29);
  await films.createIndex({ state: 'hashed', n: 1 });
  await assert.rejects(films.insertOne({ state: ['a'] }), /hashed indexes do not currently support array values/);
  await own.db.command({ collMod: 'partly', index: { name: 'recent', hidden: true } });
  await assert.rejects(films.find({ state: 'new' }).hint('recent').toArray(), /hint provided does not correspond to an existing index/);
});

test('a compound index refuses two arrays, a partial one holds what its filter says', async () => {
  const { db } = own;
  await db.collection('pairs').createIndex({ a: 1, b: 1 });
  await db.collection<Document & { _id: number }>('pairs').insertOne({ _id: 1, a: 1, b: [2] });
  const writeErrors = async (command: Document): Promise<unknown> => (await db.command(command).then((reply) => reply['writeErrors'], (error: Error & { writeErrors?: unknown }) => error.writeErrors)) ?? [];
  const expected = [{ index: 0, code: 171, errmsg: 'cannot index parallel arrays [b] [a]' }];
  assert.deepEqual(await writeErrors({ insert: 'pairs', documents: [{ a: [1], b: [2] }] }), expected);
  assert.deepEqual(await writeErrors({ update: 'pairs', updates: [{ q: { _id: 1 }, u: { $set: { a: [1] } } }] }), expected);
  const films = db.collection<Document>('films');
  await films.createIndex({ title: 1 }, { unique: true, partialFilterExpression: { $or: [{ stars: { $gt: 3 } }, { kind: { $in: ['new', 'hot'] } }] } });
  await films.insertMany([{ title: 'x', stars: 1 }, { title: 'x', stars: 5 }, { title: 'x', stars: [1, 2] }]);
  await assert.rejects(films.insertOne({ title: 'x', stars: [1, 9] }), /E11000 duplicate key error/);
  await assert.rejects(films.insertOne({ title: 'x', kind: 'hot' }), /E11000 duplicate key error/);
});

test('what servers outside of sharded clusters, and primaries, refuse', async () => {
  await check([
    [{ addShard: 'a' }, 59, "no such command: 'addShard'"],
    [{ replSetInitiate: {} }, 23, 'already initialized'],
    [{ replSetFreeze: 1 }, 95, 'cannot freeze node when primary or running for election. state: Primary'],
    [{ fsyncUnlock: 1 }, 20, 'fsyncUnlock called when not locked'],
    [{ killAllSessions: [{ user: 'x' }] }, 40_414, "BSON field 'killAllSessions.killAllSessions.0.db' is missing but a required field"],
    [{ find: 'things', readConcern: { afterClusterTime: 1 } }, 14, "BSON field 'readConcern.afterClusterTime' is the wrong type 'int', expected type 'timestamp'"],
    [{ createIndexes: 'things', indexes: [{ key: { '$**': 1 }, name: 'all', wildcardProjection: { 'a.$': 1 } }] }, 16_410,
      `Error in specification { key: { $**: 1 }, name: "all", wildcardProjection: { a.$: 1 } } :: caused by :: Failed to parse projection: wildcardProjection :: caused by :: FieldPath field names may not start with '$'. Consider using $getField or $setField.`],
  ]);
});

test('what is known of documents beside their fields is read by $meta', async () => {
  const pages = own.db.collection<Document & { _id: number }>('pages');
  await pages.insertMany([{ _id: 1, a: 2, b: [1, 5] }, { _id: 2, a: 1, b: [3] }]);
  await pages.createIndex({ a: 1 });
  const key = { $meta: 'sortKey' };
  const of = (pipeline: Document[]): Promise<Document[]> => pages.aggregate(pipeline).toArray();
  assert.deepEqual(await of([{ $sort: { a: 1 } }, { $project: { key } }]), [{ _id: 2, key: [1] }, { _id: 1, key: [2] }]);
  assert.deepEqual(await of([{ $sort: { b: -1 } }, { $unwind: '$b' }, { $limit: 2 }, { $project: { b: 1, key } }]), [{ _id: 1, b: 1, key: [5] }, { _id: 1, b: 5, key: [5] }]);
  assert.deepEqual(await of([{ $group: { _id: '$a' } }, { $sort: { _id: -1 } }, { $addFields: { key } }]), [{ _id: 2, key: [2] }, { _id: 1, key: [1] }]);
  assert.deepEqual(await of([{ $sort: { a: 1 } }, { $group: { _id: null, keys: { $push: key } } }]), [{ _id: null, keys: [[1], [2]] }]);
  assert.deepEqual(await of([{ $match: { a: 2 } }, { $project: { key, index: { $meta: 'indexKey' } } }]), [{ _id: 1, index: { a: 2 } }]);
  assert.deepEqual(await pages.find({ a: { $gt: 0 } }).sort({ a: 1 }).project({ key }).returnKey(true).toArray(), [{ a: 1, key: [1] }, { a: 2, key: [2] }]);
});

test('collectionUUID: a command is for one collection, whatever is named as it', async () => {
  const uuidOf = async (name: string): Promise<unknown> => ((await own.db.listCollections({ name }).toArray())[0] as Document | undefined)?.['info']?.uuid;
  await own.db.createCollection('first');
  await own.db.createCollection('second');
  const uuid = await uuidOf('first');
  assert.deepEqual((await own.db.command({ find: 'first', collectionUUID: uuid }))['ok'], 1);
  const text = 'Collection UUID does not match that specified';
  await check([
    [{ find: 'second', collectionUUID: uuid }, 361, text],
    [{ aggregate: 'missing', pipeline: [], cursor: {}, collectionUUID: uuid }, 361, text],
    [{ createIndexes: 'second', indexes: [{ key: { a: 1 }, name: 'a' }], collectionUUID: uuid }, 361, text],
    [{ dropIndexes: 'second', index: '*', collectionUUID: uuid }, 361, text],
    [{ collMod: 'second', collectionUUID: uuid }, 361, text],
    [{ drop: 'second', collectionUUID: uuid }, 361, text],
    [{ find: 'first', collectionUUID: 'x' }, 14, "BSON field 'find.collectionUUID' is the wrong type 'string', expected type 'binData'"],
  ]);
  const { n, writeErrors } = (await own.db.command({ update: 'second', updates: [{ q: {}, u: { $set: { a: 1 } }, upsert: true }], collectionUUID: uuid })) as { n: number; writeErrors: Document[] };
  assert.deepEqual({ n, ...writeErrors[0] }, { n: 0, index: 0, code: 361, errmsg: text, db: own.db.databaseName, collectionUUID: uuid, expectedCollection: 'second', actualCollection: 'first' });
  await own.db.renameCollection('first', 'third');
  assert.deepEqual(await uuidOf('third'), uuid);
});

test('reads and lists of indexes take a UUID for a name', async () => {
  const collection = own.db.collection<{ _id: number }>('identified');
  await collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  const [{ info } = assert.fail()] = await own.db.listCollections({ name: 'identified' }, { nameOnly: false }).toArray();
  await collection.rename('renamed');
  const uuid = info?.uuid;
  const { cursor } = await own.db.command({ find: uuid, batchSize: 1 });
  assert.deepEqual({ ns: cursor.ns, first: cursor.firstBatch }, { ns: `${own.db.databaseName}.renamed`, first: [{ _id: 1 }] });
  assert.equal((await own.db.command({ getMore: Long.fromBits(cursor.id.low ?? cursor.id, cursor.id.high ?? 0), collection: 'renamed' }))['cursor'].nextBatch.length, 2);
  assert.equal((await own.db.command({ count: uuid }))['n'], 3);
  assert.deepEqual((await own.db.command({ distinct: uuid, key: '_id' }))['values'], [1, 2, 3]);
  assert.equal((await own.db.command({ listIndexes: uuid }))['cursor'].ns, `${own.db.databaseName}.renamed`);
  assert.equal((await own.db.command({ explain: { find: uuid }, verbosity: 'queryPlanner' }))['queryPlanner'].namespace, `${own.db.databaseName}.renamed`);
  const unknown = new UUID('00000000-0000-4000-8000-000000000000');
  const short = new Binary(Buffer.from('x'), Binary.SUBTYPE_UUID);
  await check([
    [{ find: unknown }, 26, `Unable to resolve ${unknown.toHexString()}`],
    [{ listIndexes: unknown }, 26, `Unable to resolve ${unknown.toHexString()}`],
    [{ find: short }, 207, 'uuid must be a 16-byte binary field with UUID (4) subtype'],
    [{ find: new Binary(Buffer.alloc(16)) }, 2, 'collection name has invalid type binData'],
    [{ find: uuid, collectionUUID: uuid }, 72, 'When using the find command by UUID, the collectionUUID parameter cannot also be specified'],
    [{ insert: uuid, documents: [{}] }, 2, 'Collection name must be provided. UUID is not valid in this context'],
  ]);
});

test('fields of references are indexed, and looked up by their index', async () => {
  const things = own.db.collection<Document & { _id: number }>('referring');
  await things.insertMany(Array.from({ length: 300 }, (_, n) => ({ _id: n, to: { $ref: 'x', $id: n }, all: [{ $ref: 'x', $id: n }, { $ref: 'y', $id: n + 1 }] })));
  await things.createIndex({ 'to.$id': 1 });
  await things.createIndex({ 'all.$id': 1 });
  const idsOf = async (filter: Document): Promise<number[]> => (await things.find(filter).toArray()).map(({ _id }) => _id);
  assert.deepEqual([await idsOf({ 'to.$id': 5 }), await idsOf({ 'to.$id': { $gt: 297 } }), await idsOf({ 'all.$id': 6 })], [[5], [298, 299], [5, 6]]);
  assert.match(JSON.stringify((await things.find({ 'all.$id': 6 }).explain('queryPlanner'))['queryPlanner'].winningPlan), /"indexName":"all.\$id_1"/u);
});

test('positions of arrays are indexed, and looked up by their index', async () => {
  const lists = own.db.collection<Document & { _id: number }>('lists');
  await lists.createIndex({ 'at.0': 1 });
  await lists.createIndex({ 'unlike.0': 1, n: 1 }, { unique: true });
  await lists.insertMany([{ at: [1, 2] }, { at: [2, 1] }, { at: { 0: 1 } }, { at: [{ 0: 1 }] }, { at: 1 }, { at: [[1, 2]] }, {}, { at: [] }].map((fields, _id) => ({ _id, n: _id, ...fields })));
  const found = async (filter: Document, hint: Document | string): Promise<unknown[]> => (await lists.find(filter).hint(hint).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  for (const filter of [{ 'at.0': 1 }, { 'at.0': { $gt: 1 } }, { 'at.0': { $in: [2, 1] } }, { 'at.0': { $ne: 1 } }, { 'at.0': null }]) {
    const [indexed, scanned] = [await found(filter, 'at.0_1'), await found(filter, { $natural: 1 })];
    assert.deepEqual(indexed, scanned, JSON.stringify(filter));
  }
  assert.deepEqual(await found({ 'at.0': 1 }, 'at.0_1'), [0, 2, 3]);
  assert.match(JSON.stringify((await lists.find({ 'at.0': 2 }).explain('queryPlanner'))['queryPlanner'].winningPlan), /"indexName":"at.0_1"/u);
  await lists.updateMany({ _id: { $lt: 2 } }, [{ $set: { unlike: ['$_id', 5] } }]);
  await assert.rejects(lists.updateOne({ _id: 3 }, { $set: { n: 0, unlike: [0] } }), { code: 11_000, message: /dup key: \{ unlike\.0: 0, n: 0 \}/u });
  await lists.updateOne({ _id: 3 }, { $set: { n: 0, unlike: [7, 0] } });
});

test('a sort by two arrays is an error also where a limit would not come to that document', async () => {
  const { db } = own;
  await db.collection('parallel').insertMany([{ a: 1, b: 2 }, { a: [3, 4], b: [5] }]);
  const text = 'cannot sort with keys that are parallel arrays';
  await check([
    [{ find: 'parallel', sort: { a: 1, b: 1 }, limit: 1 }, 2, `Executor error during find command :: caused by :: ${text}`],
    [{ aggregate: 'parallel', pipeline: [{ $sort: { a: 1, b: -1 } }, { $limit: 1 }], cursor: {} }, 2, `PlanExecutor error during aggregation :: caused by :: ${text}`],
    [{ findAndModify: 'parallel', sort: { a: 1, b: 1 }, remove: true }, 2, `Plan executor error during findAndModify :: caused by :: ${text}`],
  ]);
  assert.equal((await db.collection('parallel').find({ a: 1 }).sort({ a: 1, b: 1 }).limit(1).toArray()).length, 1);
});

test('explain tells a plan in stages as MongoDB does, and what executing it has found', async () => {
  const numbers = own.db.collection<Document & { _id: number }>('explained');
  await numbers.insertMany(Array.from({ length: 20 }, (_, n) => ({ _id: n, n })));
  await numbers.createIndex({ n: 1 });
  const explain = async (command: Document): Promise<Document> => await own.db.command({ explain: command, verbosity: 'executionStats' });
  const stagesOf = (plan: Document | undefined): string[] => (plan === undefined ? [] : [plan['stage'] as string, ...stagesOf(plan['inputStage'] as Document | undefined)]);
  const find = { find: 'explained' };
  const cases: readonly (readonly [command: Document, stages: string, found: number, parsed: Document])[] = [
    [find, 'COLLSCAN', 20, {}],
    [{ ...find, filter: { _id: 3 } }, 'IDHACK', 1, { _id: { $eq: 3 } }],
    [{ ...find, filter: { n: { $mod: [2, 0] } } }, 'COLLSCAN', 10, { n: { $mod: [2, 0] } }],
    [{ ...find, filter: { n: { $gte: 15 }, x: { $ne: 1 } } }, 'FETCH IXSCAN', 5, { $and: [{ n: { $gte: 15 } }, { x: { $not: { $eq: 1 } } }] }],
    [{ ...find, sort: { x: 1 }, skip: 1, limit: 2, projection: { n: 1 } }, 'PROJECTION_SIMPLE SKIP SORT COLLSCAN', 2, {}],
    [{ ...find, sort: { n: 1 }, limit: 2 }, 'LIMIT FETCH IXSCAN', 2, {}],
    [{ aggregate: 'explained', pipeline: [{ $match: { n: 4 } }, { $addFields: { y: 1 } }], cursor: {} }, 'FETCH IXSCAN', 1, { n: { $eq: 4 } }],
    [{ findAndModify: 'explained', query: { n: 4 }, remove: true }, 'DELETE FETCH IXSCAN', 1, { n: { $eq: 4 } }],
    [{ find: 'absent' }, 'EOF', 0, {}],
  ];
  for (const [command, stages, found, parsed] of cases) {
    const reply = await explain(command);
    // Of a pipeline, the first of its stages is the query.
    const { queryPlanner, executionStats } = reply['stages']?.[0].$cursor ?? reply;
    assert.deepEqual([stagesOf(queryPlanner.winningPlan).join(' '), executionStats.nReturned, queryPlanner.parsedQuery], [stages, found, parsed], JSON.stringify(command));
  }
  const stage = async (command: Document): Promise<Document> => (await explain(command))['executionStats'].executionStages;
  assert.equal((await stage({ count: 'explained', query: { n: { $lt: 3 } } }))['nCounted'], 3);
  assert.equal((await stage({ update: 'explained', updates: [{ q: { n: { $lt: 3 } }, u: { $set: { x: 1 } }, multi: true }] }))['nMatched'], 3);
  assert.equal((await stage({ delete: 'explained', deletes: [{ q: { n: { $lt: 3 } }, limit: 1 }] }))['nWouldDelete'], 1);
  assert.equal(await numbers.countDocuments({ x: 1 }), 0);
  const scan = async (filter: Document): Promise<Document> => (await numbers.find(filter).explain('queryPlanner'))['queryPlanner'].winningPlan.inputStage;
  const { isMultiKey, indexBounds } = await scan({ n: { $gte: 15 } });
  assert.deepEqual([isMultiKey, indexBounds], [false, { n: ['[15, inf.0]'] }]);
  await numbers.insertOne({ _id: 20, n: [1, 2] });
  assert.deepEqual((await scan({ n: 1 }))['multiKeyPaths'], { n: ['n'] });
  const { queryHash: one } = (await numbers.find({ n: 1 }).explain('queryPlanner'))['queryPlanner'];
  assert.equal(one, (await numbers.find({ n: 2 }).explain('queryPlanner'))['queryPlanner'].queryHash);
  assert.deepEqual((await explain({ aggregate: 'explained', pipeline: [{ $match: { n: 4 } }, { $addFields: { y: 1 } }], cursor: {} }))['stages'][1], { $addFields: { y: 1 }, nReturned: 1 });
  await check([[{ explain: { find: 'explained', hint: 'absent' } }, 2, 'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index']]);
});
