'use strict';

const { Contract } = require('fabric-contract-api');
const { getRows, offerOf, putRows } = require('./batches.js');

/**
 * The smallest contract that shows each promise of Fabric's ledger: every transaction does one thing that a test asks for,
 * with plain string parameters and results.
 */
class ConformanceContract extends Contract {
  constructor() {
    super('conformance');
  }

  async put(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
    return value;
  }

  async get(ctx, key) {
    return (await ctx.stub.getState(key)).toString();
  }

  async remove(ctx, key) {
    await ctx.stub.deleteState(key);
  }

  /** Reads one key and writes another, so that a test can move what was read. */
  async readAndPut(ctx, readKey, writeKey, value) {
    const read = (await ctx.stub.getState(readKey)).toString();
    await ctx.stub.putState(writeKey, Buffer.from(value));
    return read;
  }

  /** Writes a key and reads it in the same transaction. */
  async putAndGet(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
    return (await ctx.stub.getState(key)).toString();
  }

  async putMany(ctx, prefix, count) {
    for (let index = 0; index < Number.parseInt(count, 10); index += 1) {
      const number = String(index).padStart(4, '0');
      await ctx.stub.putState(`${prefix}${number}`, Buffer.from(`value ${number}`));
    }
  }

  async range(ctx, start, end) {
    return JSON.stringify(await collect(ctx.stub.getStateByRange(start, end)));
  }

  async page(ctx, start, end, size, bookmark) {
    const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination(
      start,
      end,
      Number.parseInt(size, 10),
      bookmark,
    );
    const rows = await drain(iterator);
    return JSON.stringify({ rows, bookmark: metadata.bookmark, count: metadata.fetchedRecordsCount });
  }

  /** Reads a range and writes outside of it. */
  async rangeAndPut(ctx, start, end, key, value) {
    const rows = await collect(ctx.stub.getStateByRange(start, end));
    await ctx.stub.putState(key, Buffer.from(value));
    return String(rows.length);
  }

  async pageAndPut(ctx, start, end, key, value) {
    const { iterator } = await ctx.stub.getStateByRangeWithPagination(start, end, 2, '');
    await drain(iterator);
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async putComposite(ctx, type, attributes, value) {
    const key = ctx.stub.createCompositeKey(type, JSON.parse(attributes));
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async composites(ctx, type, attributes) {
    const rows = await collect(ctx.stub.getStateByPartialCompositeKey(type, JSON.parse(attributes)));
    const parts = rows.map((row) => ({ parts: ctx.stub.splitCompositeKey(row.key).attributes, value: row.value }));
    return JSON.stringify(parts);
  }

  async history(ctx, key) {
    const iterator = await ctx.stub.getHistoryForKey(key);
    const entries = [];
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
      const { txId, isDelete, value } = step.value;
      entries.push({ transactionId: txId, isDelete, value: value.toString() });
    }
    await iterator.close();
    return JSON.stringify(entries);
  }

  async emit(ctx, key, name, payload) {
    await ctx.stub.putState(key, Buffer.from(payload));
    ctx.stub.setEvent('overwritten', Buffer.from('the last event of a transaction wins'));
    ctx.stub.setEvent(name, Buffer.from(payload));
  }

  async fail(_ctx, message) {
    throw new Error(message);
  }

  async putAndFail(ctx, key, message) {
    await ctx.stub.putState(key, Buffer.from('never'));
    throw new Error(message);
  }

  /** Writes what differs in each organisation: the results of two endorsers cannot agree. */
  async putOwnOrganization(ctx, key) {
    await ctx.stub.putState(key, Buffer.from(ctx.stub.getMspID()));
    return 'same answer, other writes';
  }

  async caller(ctx) {
    return JSON.stringify({
      mspId: ctx.clientIdentity.getMSPID(),
      role: ctx.clientIdentity.getAttributeValue('role'),
      transactionId: ctx.stub.getTxID(),
      channel: ctx.stub.getChannelID(),
      seconds: String(ctx.stub.getTxTimestamp().seconds),
    });
  }

  /** The value travels in the transient map, never in the parameters. */
  async putPrivate(ctx, collection, key) {
    const value = ctx.stub.getTransient().get('value');
    await ctx.stub.putPrivateData(collection, key, Buffer.from(value));
  }

  async getPrivate(ctx, collection, key) {
    return (await ctx.stub.getPrivateData(collection, key)).toString();
  }

  async privateHash(ctx, collection, key) {
    return Buffer.from(await ctx.stub.getPrivateDataHash(collection, key)).toString('hex');
  }

  async privateRange(ctx, collection, start, end) {
    return JSON.stringify(await collect(ctx.stub.getPrivateDataByRange(collection, start, end)));
  }

  async removePrivate(ctx, collection, key) {
    await ctx.stub.deletePrivateData(collection, key);
  }

  async purgePrivate(ctx, collection, key) {
    await ctx.stub.purgePrivateData(collection, key);
  }

  /** Reads a private key and writes a public one, so that a test can move what was read. */
  async readPrivateAndPut(ctx, collection, readKey, writeKey) {
    const hash = Buffer.from(await ctx.stub.getPrivateDataHash(collection, readKey)).toString('hex');
    await ctx.stub.putState(writeKey, Buffer.from(hash));
    return hash;
  }

  /** What the peer said that it takes when the chaincode connected. */
  async offer(ctx) {
    return JSON.stringify(offerOf(ctx.stub));
  }

  /** Writes rows together: `[{ collection, key, value }]`, on the channel where the collection is empty. */
  async putTogether(ctx, rows) {
    await putRows(ctx.stub, JSON.parse(rows));
  }

  async getTogether(ctx, keys) {
    return JSON.stringify(await getRows(ctx.stub, JSON.parse(keys)));
  }

  /** Reads keys together and writes another one, so that a test can move what was read. */
  async getTogetherAndPut(ctx, keys, writeKey) {
    await ctx.stub.putState(writeKey, Buffer.from(JSON.stringify(await getRows(ctx.stub, JSON.parse(keys)))));
  }

  async transientKeys(ctx) {
    return JSON.stringify([...ctx.stub.getTransient().keys()].sort());
  }
}

async function collect(iterable) {
  const rows = [];
  for await (const { key, value } of iterable) {
    rows.push({ key, value: Buffer.from(value).toString() });
  }
  return rows;
}

async function drain(iterator) {
  const rows = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
    rows.push({ key: step.value.key, value: Buffer.from(step.value.value).toString() });
  }
  await iterator.close();
  return rows;
}

module.exports.contracts = [ConformanceContract];
