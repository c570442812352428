import { createHash } from 'node:crypto';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { endorsersOf } from '../support/endorsements';
import { newKey, theBench } from '../support/network';
import { endorse, evaluate, evaluateRefusal, refusalOf, send, submit, submitEverywhere } from '../support/party';

const COLLECTION = 'secrets';

/** Values that only the members of a collection see; everybody sees their hashes. */
export function describePrivateData(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];
  const members = { endorsingOrganizations: ['OneMSP', 'TwoMSP'] };

  async function putPrivate(key: string, value: string) {
    return submitEverywhere(everyone(), 'putPrivate', [COLLECTION, key], { transientData: { value } });
  }

  it('members read the value, everybody reads its hash, the block has neither key nor value', async () => {
    const [key, value] = [newKey('private'), newKey('canary')];
    const outcome = await putPrivate(key, value);
    expect(await evaluate(theBench().one, 'getPrivate', COLLECTION, key)).toBe(value);
    expect(await evaluate(theBench().two, 'getPrivate', COLLECTION, key)).toBe(value);
    const digest = createHash('sha256').update(value).digest('hex');
    const hashes = await Promise.all(everyone().map((party) => evaluate(party, 'privateHash', COLLECTION, key)));
    expect(hashes).toEqual([digest, digest, digest]);
    const stream = await theBench().one.network.getBlockEvents({ startBlock: outcome.blockNumber });
    for await (const block of stream) {
      const text = Buffer.from(block.serializeBinary()).toString('latin1');
      expect(text).toContain(outcome.transactionId);
      expect(text).not.toContain(value);
      break;
    }
    stream.close();
  });

  it('who is not a member may not read, and a member at the peer of a stranger finds nothing', async () => {
    const key = newKey('closed');
    await putPrivate(key, 'hidden');
    const refusal = await refusalOf(() => evaluate(theBench().three, 'getPrivate', COLLECTION, key));
    expect(refusal).toEqual(
      evaluateRefusal(
        'chaincode response 500, GET_STATE failed: transaction ID: TXID: tx creator does not have read access ' +
          'permission on privatedata in chaincodeName:conformance collectionName: secrets',
        'ThreeMSP',
      ),
    );
    expect(await evaluate(theBench().three, 'privateHash', COLLECTION, key)).not.toBe('');
  });

  it('transient data goes to members only, whoever submits; without it the own organisation endorses too', async () => {
    const key = newKey('transient');
    const transientData = { value: 'x' };
    const closed = await endorse(theBench().three, 'putPrivate', [COLLECTION, key], { transientData });
    expect(endorsersOf(closed)).toEqual(['OneMSP', 'TwoMSP']);
    expect((await send(closed)).code).toBe(StatusCode.VALID);
    expect(endorsersOf(await endorse(theBench().three, 'put', [key, 'x']))).toContain('ThreeMSP');
  });

  it('a stranger writes through named members, who keep the value from it', async () => {
    const key = newKey('foreign');
    const outcome = await submit(theBench().three, 'putPrivate', [COLLECTION, key], {
      ...members,
      transientData: { value: 'from three' },
    });
    expect(outcome.code).toBe(StatusCode.VALID);
    await submitEverywhere(everyone(), 'put', [newKey('after'), 'x']);
    expect(await evaluate(theBench().two, 'getPrivate', COLLECTION, key)).toBe('from three');
  });

  it('a hash that was read and changed since is an MVCC conflict', async () => {
    const key = newKey('hash');
    await putPrivate(key, 'one');
    const reader = await endorse(theBench().one, 'readPrivateAndPut', [COLLECTION, key, newKey('copy')], members);
    const undisturbed = await endorse(theBench().one, 'readPrivateAndPut', [COLLECTION, key, newKey('copy')], members);
    expect((await send(undisturbed)).code).toBe(StatusCode.VALID);
    await putPrivate(key, 'two');
    expect((await send(reader)).code).toBe(StatusCode.MVCC_READ_CONFLICT);
  });

  it('ranges of private keys are read in order', async () => {
    const key = newKey('keys');
    await putPrivate(`${key}b`, '2');
    await putPrivate(`${key}a`, '1');
    const rows = JSON.parse(await evaluate(theBench().one, 'privateRange', COLLECTION, key, `${key}~`));
    expect(rows).toEqual([
      { key: `${key}a`, value: '1' },
      { key: `${key}b`, value: '2' },
    ]);
  });

  it('a deleted value is gone from state', async () => {
    const key = newKey('deleted');
    await putPrivate(key, 'short');
    await submitEverywhere(everyone(), 'removePrivate', [COLLECTION, key], members);
    expect(await evaluate(theBench().one, 'getPrivate', COLLECTION, key)).toBe('');
    expect(await evaluate(theBench().three, 'privateHash', COLLECTION, key)).toBe('');
  });

  it('a purged value is gone for its members, and other values stay', async () => {
    const [key, other] = [newKey('purged'), newKey('kept')];
    await putPrivate(key, 'personal');
    await putPrivate(other, 'kept');
    await submitEverywhere(everyone(), 'purgePrivate', [COLLECTION, key], members);
    for (const party of [theBench().one, theBench().two]) {
      expect(await evaluate(party, 'getPrivate', COLLECTION, key)).toBe('');
      expect(await evaluate(party, 'getPrivate', COLLECTION, other)).toBe('kept');
    }
  });

  it('a collection that the chaincode does not have is refused', async () => {
    const refusal = await refusalOf(() => evaluate(theBench().one, 'getPrivate', 'nothing', 'x'));
    expect(refusal).toEqual(
      evaluateRefusal(
        'chaincode response 500, GET_STATE failed: transaction ID: TXID: collection conformance/conformance/nothing ' +
          'could not be found',
      ),
    );
  });

  it('the transient map reaches the contract and not the block', async () => {
    const outcome = await submit(theBench().one, 'transientKeys', [], { transientData: { canaryname: 'canaryvalue' } });
    expect(outcome.result).toBe('["canaryname"]');
    const stream = await theBench().one.network.getBlockEvents({ startBlock: outcome.blockNumber });
    for await (const block of stream) {
      const text = Buffer.from(block.serializeBinary()).toString('latin1');
      expect(text).toContain(outcome.transactionId);
      expect(text).not.toContain('canaryvalue');
      break;
    }
    stream.close();
  });
}
