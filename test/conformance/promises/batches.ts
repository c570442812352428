import { StatusCode } from '@hyperledger/fabric-gateway';
import { isFabric2, newKey, theBench } from '../support/network';
import { endorse, endorseRefusal, evaluate, refusalOf, send, submitEverywhere } from '../support/party';

/**
 * Many rows in one message between chaincode and peer. A peer before 3.1 does not offer it; the contract then sends one message
 * for each row, and everything else has to be the same.
 */
export function describeBatches(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];
  const rows = (key: string, values: readonly string[], collection = '') =>
    JSON.stringify(values.map((value, index) => ({ collection, key: `${key}${index}`, value })));
  const keysOf = (key: string, count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, index) => `${key}${index}`));

  it('a peer says what it takes: a thousand rows from 3.1 on, none before', async () => {
    const offers = await Promise.all(everyone().map((party) => evaluate(party, 'offer')));
    const offered = isFabric2()
      ? { useWriteBatch: false, maxSizeWriteBatch: 0, useGetMultipleKeys: false, maxSizeGetMultipleKeys: 0 }
      : { useWriteBatch: true, maxSizeWriteBatch: 1000, useGetMultipleKeys: true, maxSizeGetMultipleKeys: 1000 };
    expect(offers.map((offer) => JSON.parse(offer))).toEqual([offered, offered, offered]);
  });

  it('rows that are written together are all there, and are read together in the order that was asked for', async () => {
    const key = newKey('together');
    const values = Array.from({ length: 200 }, (_, index) => `value ${index}`);
    await submitEverywhere(everyone(), 'putTogether', [rows(key, values)]);
    const asked = JSON.stringify([`${key}7`, `${key}absent`, `${key}199`, `${key}0`]);
    const read = await Promise.all(everyone().map((party) => evaluate(party, 'getTogether', asked)));
    expect(read.map((values) => JSON.parse(values))).toEqual(
      Array<string[]>(3).fill(['value 7', '', 'value 199', 'value 0']),
    );
  });

  it('of two writes of one key in a batch the last one stays', async () => {
    const key = newKey('twice');
    const written = [
      { collection: '', key, value: 'first' },
      { collection: '', key, value: 'second' },
    ];
    await submitEverywhere(everyone(), 'putTogether', [JSON.stringify(written)]);
    expect(await evaluate(theBench().one, 'get', key)).toBe('second');
  });

  it('a key that was read with others and has changed meanwhile is a conflict', async () => {
    const key = newKey('overtaken');
    await submitEverywhere(everyone(), 'putTogether', [rows(key, ['a', 'b', 'c'])]);
    const late = await endorse(theBench().one, 'getTogetherAndPut', [keysOf(key, 3), `${key}late`]);
    await submitEverywhere(everyone(), 'put', [`${key}1`, 'changed']);
    expect((await send(late)).code).toBe(StatusCode.MVCC_READ_CONFLICT);
    expect(await evaluate(theBench().one, 'get', `${key}late`)).toBe('');
  });

  it('an absent key that was read with others and exists meanwhile is a conflict', async () => {
    const key = newKey('appeared');
    const late = await endorse(theBench().one, 'getTogetherAndPut', [keysOf(key, 3), `${key}late`]);
    await submitEverywhere(everyone(), 'put', [`${key}2`, 'now here']);
    expect((await send(late)).code).toBe(StatusCode.MVCC_READ_CONFLICT);
  });

  it('keys that were not among those read together do not conflict', async () => {
    const key = newKey('beside');
    const late = await endorse(theBench().one, 'getTogetherAndPut', [keysOf(key, 3), `${key}late`]);
    await submitEverywhere(everyone(), 'put', [`${key}3`, 'beside them']);
    expect((await send(late)).code).toBe(StatusCode.VALID);
  });

  it('a batch may carry private rows, which strangers do not get', async () => {
    const key = newKey('private');
    const written = rows(key, ['hidden'], 'secrets');
    await submitEverywhere(everyone(), 'putTogether', [written], { endorsingOrganizations: ['OneMSP', 'TwoMSP'] });
    expect(await evaluate(theBench().two, 'getPrivate', 'secrets', `${key}0`)).toBe('hidden');
    await refusalOf(() => evaluate(theBench().three, 'getPrivate', 'secrets', `${key}0`));
  });

  it('a batch with one row that may not be written writes nothing', async () => {
    const key = newKey('refused');
    const written = [
      { collection: '', key, value: 'good' },
      { collection: 'nowhere', key, value: 'bad' },
    ];
    const message = isFabric2() ? 'PUT_STATE' : 'WRITE_BATCH_STATE';
    const refusal = await refusalOf(() => endorse(theBench().one, 'putTogether', [JSON.stringify(written)]));
    expect(refusal).toEqual(
      endorseRefusal(
        `chaincode response 500, ${message} failed: transaction ID: TXID: collection conformance/conformance/nowhere could not be found`,
      ),
    );
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
  });
}
