import { StatusCode } from '@hyperledger/fabric-gateway';
import { newKey, theBench } from '../support/network';
import { commitStatus, endorse, refusalOf, submit } from '../support/party';

/** What a peer says about a transaction id. */
export function describeStatus(): void {
  it('a committed transaction is known at once, on every peer, with its block and code', async () => {
    const outcome = await submit(theBench().one, 'put', [newKey('known'), 'x']);
    for (const party of [theBench().one, theBench().two, theBench().three]) {
      const status = await commitStatus(party, outcome.transactionId);
      expect(status).toMatchObject({ code: StatusCode.VALID, successful: true, blockNumber: outcome.blockNumber });
    }
  });

  it('an invalid transaction keeps its code', async () => {
    const outcome = await submit(theBench().one, 'put', [newKey('bad'), 'x'], { endorsingOrganizations: ['OneMSP'] });
    const status = await commitStatus(theBench().one, outcome.transactionId);
    expect(status).toMatchObject({ code: StatusCode.ENDORSEMENT_POLICY_FAILURE, successful: false });
  });

  it('an unknown id is not answered before the deadline', async () => {
    const refusal = await refusalOf(() => commitStatus(theBench().one, 'f'.repeat(64), 400));
    // Client and peer both watch the deadline; whoever is first names the error.
    expect(['4 DEADLINE_EXCEEDED: Deadline exceeded', '1 CANCELLED: Call cancelled']).toContain(refusal.message);
  });

  it('an id that is asked for before it is ordered is answered when it commits', async () => {
    const transaction = await endorse(theBench().one, 'put', [newKey('waited'), 'x']);
    const waiting = commitStatus(theBench().two, transaction.getTransactionId());
    await transaction.submit();
    expect((await waiting).code).toBe(StatusCode.VALID);
  });

  it('a channel that does not exist is refused', async () => {
    const { one } = theBench();
    const absent = { ...one, network: one.gateway.getNetwork('absent') };
    const refusal = await refusalOf(() => commitStatus(absent, 'f'.repeat(64), 5000));
    expect(refusal).toEqual({
      code: 7,
      message: '7 PERMISSION_DENIED: Failed to get policy manager for channel [absent]',
      details: [],
    });
  });
}
