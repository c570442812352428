import { createHash } from 'node:crypto';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { gateway as gatewayMessages } from '@hyperledger/fabric-protos';
import { endorsementBy, endorsersOf, withEndorsements, type EndorsementChange } from '../support/endorsements';
import { newKey, theBench } from '../support/network';
import { endorse, endorseRefusal, evaluate, refusalOf, send, submit, submitEverywhere } from '../support/party';

/** How many and whose endorsements make a transaction valid. */
export function describeEndorsement(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];

  it('the gateway collects as many endorsements as the policy wants', async () => {
    const transaction = await endorse(theBench().one, 'put', [newKey('plan'), 'x']);
    expect(endorsersOf(transaction)).toHaveLength(2);
    expect(new Set(endorsersOf(transaction)).size).toBe(2);
    expect((await send(transaction)).code).toBe(StatusCode.VALID);
  });

  it('one endorsement where two are wanted is an endorsement policy failure, two named ones are valid', async () => {
    const key = newKey('policy');
    const alone = await submit(theBench().one, 'put', [key, 'alone'], { endorsingOrganizations: ['OneMSP'] });
    expect(alone.code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
    const both = await submit(theBench().one, 'put', [key, 'both'], {
      endorsingOrganizations: ['TwoMSP', 'ThreeMSP'],
    });
    expect(both.code).toBe(StatusCode.VALID);
  });

  it('an endorsement that is taken away, repeated or broken makes the transaction invalid', async () => {
    const { one } = theBench();
    const fresh = async () => endorse(one, 'put', [newKey('cut'), 'x']);
    const outcome = async (change: EndorsementChange) => send(await withEndorsements(one, await fresh(), change));
    expect((await outcome((all) => all.slice(0, 1))).code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    expect((await outcome((all) => [all[0]!, all[0]!])).code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    const broken = await outcome((all) => {
      all[1]!.setSignature(all[0]!.getSignature_asU8());
      return all;
    });
    expect(broken.code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    expect((await outcome((all) => all.reverse())).code).toBe(StatusCode.VALID);
  });

  it('an endorsement that a client made does not count as one of a peer', async () => {
    const { one, two } = theBench();
    const transaction = await endorse(one, 'put', [newKey('client'), 'x'], {
      endorsingOrganizations: ['OneMSP', 'TwoMSP'],
    });
    const outcome = await send(
      await withEndorsements(one, transaction, async (all, payload) => [all[0]!, await endorsementBy(two, payload)]),
    );
    expect(outcome.code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    const peers = await endorse(one, 'put', [newKey('peer'), 'x'], { endorsingOrganizations: ['OneMSP', 'TwoMSP'] });
    expect((await send(peers)).code).toBe(StatusCode.VALID);
  });

  it('organisations that compute different writes are refused before anything is ordered', async () => {
    const key = newKey('differ');
    const refusal = await refusalOf(() => submit(theBench().one, 'putOwnOrganization', [key]));
    expect(refusal.code).toBe(10);
    expect(refusal.message).toBe(
      '10 ABORTED: failed to collect enough transaction endorsements, see attached details for more info',
    );
    expect(refusal.details.length).toBeGreaterThan(0);
    // A network may say more than Fabric: which keys differ.
    for (const { message } of refusal.details) {
      expect(message).toMatch(/^ProposalResponsePayloads do not match/);
    }
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
  });

  it('an endorsed transaction can be ordered once: the second copy is a duplicate and changes nothing', async () => {
    const { one } = theBench();
    const key = newKey('copy');
    const transaction = await endorse(one, 'put', [key, 'once']);
    const first = await send(transaction);
    await submitEverywhere(everyone(), 'put', [key, 'later']);
    const again = await transaction.submit();
    const status = await again.getStatus();
    expect(status).toMatchObject({ code: StatusCode.VALID, blockNumber: first.blockNumber });
    const marker = await submitEverywhere(everyone(), 'put', [newKey('marker'), 'x']);
    const codes: number[] = [];
    const blocks = await one.network.getFilteredBlockEvents({ startBlock: first.blockNumber });
    for await (const block of blocks) {
      block
        .getFilteredTransactionsList()
        .filter((one) => one.getTxid() === first.transactionId)
        .forEach((one) => codes.push(one.getTxValidationCode()));
      if (BigInt(block.getNumber()) >= marker.blockNumber) {
        break;
      }
    }
    blocks.close();
    expect(codes).toEqual([StatusCode.VALID, StatusCode.DUPLICATE_TXID]);
    expect(await evaluate(one, 'get', key)).toBe('later');
  });

  it('a proposal whose transaction id is on the ledger is refused', async () => {
    const { one } = theBench();
    const proposal = one.contract.newProposal('put', { arguments: [newKey('again'), 'x'] });
    const outcome = await send(await proposal.endorse());
    expect(outcome.successful).toBe(true);
    const refusal = await refusalOf(() => proposal.endorse());
    expect(refusal).toEqual(endorseRefusal('duplicate transaction found [TXID]. Creator [CREATOR]'));
  });

  it('the result in an envelope is covered by the endorsements', async () => {
    const { one } = theBench();
    const key = newKey('forged');
    const transaction = await endorse(one, 'put', [key, 'honest']);
    const prepared = gatewayMessages.PreparedTransaction.deserializeBinary(transaction.getBytes());
    const envelope = prepared.getEnvelope()!;
    const honest = Buffer.from(envelope.getPayload_asU8());
    const forged = Buffer.from(honest.toString('latin1').replaceAll('honest', 'forged'), 'latin1');
    expect(createHash('sha256').update(forged).digest()).not.toEqual(createHash('sha256').update(honest).digest());
    envelope.setPayload(forged);
    const signed = one.gateway.newSignedTransaction(prepared.serializeBinary(), await one.sign(forged));
    const outcome = await send(signed);
    expect(outcome.successful).toBe(false);
    expect(await evaluate(one, 'get', key)).toBe('');
  });
}
