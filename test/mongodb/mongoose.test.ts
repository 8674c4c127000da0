// Mongoose: schemas with indexes, populate, discriminators, hooks, transactions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Schema, Types, createConnection, type Connection } from 'mongoose';
import { sharedServer } from '../support/shared-server.ts';

let connection: Connection;

before(async () => {
  const { mongodb } = await sharedServer();
  connection = await createConnection(mongodb, { dbName: `mongoose_${process.pid}`, serverSelectionTimeoutMS: 10_000 }).asPromise();
});
after(async () => {
  await connection.dropDatabase();
  await connection.close();
});

test('schemas, indexes, populate', async () => {
  const Director = connection.model('Director', new Schema({ name: { type: String, required: true, unique: true } }));
  const Film = connection.model('Film', new Schema({ title: String, year: { type: Number, index: true }, director: { type: Schema.Types.ObjectId, ref: 'Director' }, tags: [String] }, { timestamps: true }));
  await Promise.all([Director.init(), Film.init()]);
  const tarkovsky = await Director.create({ name: 'Tarkovsky' });
  await Film.create([{ title: 'Solaris', year: 1972, director: tarkovsky._id, tags: ['space'] }, { title: 'Stalker', year: 1979, director: tarkovsky._id }]);
  const found = await Film.find({ year: { $gt: 1975 } }).populate<{ director: { name: string } }>('director').lean();
  assert.deepEqual(found.map(({ title, director }) => [title, director.name]), [['Stalker', 'Tarkovsky']]);
  await assert.rejects(Director.create({ name: 'Tarkovsky' }), (error) => error instanceof Error && 'code' in error && error.code === 11_000);
  await assert.rejects(Director.create({}), { name: 'ValidationError' });
  const solaris = await Film.findOneAndUpdate({ title: 'Solaris' }, { $push: { tags: 'ocean' } }, { returnDocument: 'after' });
  assert.deepEqual(solaris?.tags, ['space', 'ocean']);
  solaris!.year = 1973;
  await solaris!.save();
  assert.equal(await Film.countDocuments({ year: 1973 }), 1);
  assert.equal((await Film.aggregate<{ n: number }>([{ $match: { director: new Types.ObjectId(tarkovsky._id) } }, { $count: 'n' }]))[0]?.n, 2);
});

test('discriminators', async () => {
  const Event = connection.model('Event', new Schema({ at: Date }, { discriminatorKey: 'kind' }));
  const Click = Event.discriminator('Click', new Schema({ x: Number }));
  await Event.create({ at: new Date(0) });
  await Click.create({ at: new Date(1), x: 5 });
  assert.equal(await Click.countDocuments(), 1);
  assert.deepEqual((await Event.find().sort({ at: 1 })).map((event) => event.get('kind') as unknown), [undefined, 'Click']);
});

test('transactions', async () => {
  const Account = connection.model('Account', new Schema({ _id: String, balance: Number }));
  await Account.create([{ _id: 'a', balance: 10 }, { _id: 'b', balance: 0 }]);
  await connection.transaction(async (session) => {
    await Account.updateOne({ _id: 'a' }, { $inc: { balance: -4 } }, { session });
    await Account.updateOne({ _id: 'b' }, { $inc: { balance: 4 } }, { session });
  });
  await assert.rejects(connection.transaction(async (session) => {
    await Account.updateOne({ _id: 'a' }, { $inc: { balance: -4 } }, { session });
    throw new Error('changed my mind');
  }), /changed my mind/);
  assert.deepEqual((await Account.find().sort({ _id: 1 }).lean()).map(({ balance }) => balance), [6, 4]);
});
