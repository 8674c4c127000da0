// mongosh runs a script, where it is installed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { missingMongosh, pathWithMongosh } from '../support/mongosh.ts';
import { sharedServer } from '../support/shared-server.ts';

const script = `
  db = db.getSiblingDB('mongosh_${process.pid}');
  db.movies.insertMany([{ _id: 1, title: 'a' }, { _id: 2, title: 'b' }]);
  db.movies.createIndex({ title: 1 });
  const session = db.getMongo().startSession();
  session.startTransaction();
  session.getDatabase(db.getName()).movies.insertOne({ _id: 3 });
  session.commitTransaction();
  print(JSON.stringify({
    found: db.movies.find({ title: 'a' }).toArray(), count: db.movies.countDocuments(), names: db.getCollectionNames(), indexes: db.movies.getIndexes().length,
    grouped: db.movies.aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]).toArray(), counted: db.movies.stats().count, objects: Number(db.stats().objects),
    isPrimary: db.hello().isWritablePrimary, profile: db.getProfilingStatus().was, dropped: db.movies.drop(), gone: db.dropDatabase().ok,
  }));`;

test('a script for mongosh', { skip: missingMongosh() }, async () => {
  const { mongodb } = await sharedServer();
  const { stdout } = await promisify(execFile)('mongosh', ['--quiet', '--norc', mongodb, '--eval', script], { env: { ...process.env, PATH: pathWithMongosh } });
  assert.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1)!), {
    found: [{ _id: 1, title: 'a' }], count: 3, names: ['movies'], indexes: 2, grouped: [{ _id: null, n: 3 }], counted: 3, objects: 3,
    isPrimary: true, profile: 0, dropped: true, gone: 1,
  });
});
