'use strict';

const { Contract } = require('fabric-contract-api');

/** Counts, once per command id, as the project's own contracts do with their command rows. */
class CounterContract extends Contract {
  constructor() {
    super('counter');
  }

  async add(ctx, request) {
    const { commandId, key } = JSON.parse(request);
    const done = (await ctx.stub.getState(`command-${commandId}`)).toString();
    if (done !== '') {
      return done;
    }
    const count = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
    const answer = JSON.stringify({ count });
    await ctx.stub.putState(key, Buffer.from(String(count)));
    await ctx.stub.putState(`command-${commandId}`, Buffer.from(answer));
    const facts = [{ type: 'Counted', key, count }];
    const event = { v: 1, contract: 'counter', transaction: 'add', commandId, ruleSet: 1, facts };
    ctx.stub.setEvent('facts.v1', Buffer.from(JSON.stringify(event)));
    return answer;
  }

  /** Counts and puts the confidential part into the collection. */
  async addPrivately(ctx, request) {
    const { commandId } = JSON.parse(request);
    await ctx.stub.putPrivateData('orders', commandId, ctx.stub.getTransient().get('secret'));
    return this.add(ctx, request);
  }

  async read(ctx, request) {
    const { key } = JSON.parse(request);
    return (await ctx.stub.getState(key)).toString() || '0';
  }

  async refuse() {
    throw new Error('COMMAND_REUSED: The command id was used before with another content. {"commandId":"x"}');
  }
}

exports.contracts = [CounterContract];
