import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAuthority,
  findOrganization,
  generatePrivateKey,
  homeFolder,
  issueCertificate,
} from '@flexledger/topology';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { common, gateway as gatewayMessages, peer } from '@hyperledger/fabric-protos';
import { isFabric2, newKey, theBench } from '../support/network';
import {
  endorse,
  endorseRefusal,
  evaluate,
  evaluateRefusal,
  openParty,
  refusalOf,
  send,
  submit,
  type Credentials,
  type Party,
} from '../support/party';

/** What a peer says about an identity that its MSP does not accept. */
const MALFORMED =
  'error validating proposal: access denied: channel [conformance] creator org unknown, creator is malformed';
const MINUTE_S = 60;
/** Certificates begin five minutes before they are made: one that lives for a minute has ended. */
const ONE_MINUTE_IN_DAYS = 1 / (24 * 60);

/** A certificate of organisation One's own authority for a new key. */
async function enrol(days: number): Promise<Partial<Credentials>> {
  const { handle } = theBench();
  const organization = findOrganization(handle.topology, 'One');
  const folder = join(homeFolder(handle.cryptoDirectory, organization), 'ca');
  const authority = {
    certificatePem: readFileSync(join(folder, `ca.${organization.domain}-cert.pem`), 'utf8'),
    privateKeyPem: readFileSync(join(folder, 'priv_sk'), 'utf8'),
  };
  return issue(authority, days);
}

async function issue(authority: { certificatePem: string; privateKeyPem: string }, days: number) {
  const privateKeyPem = generatePrivateKey();
  const certificatePem = await issueCertificate(
    authority,
    privateKeyPem,
    { commonName: 'late', organizationalUnits: ['client'], use: 'sign', hosts: [], attributes: { role: 'late' } },
    { now: new Date(), days },
  );
  return { certificatePem, privateKeyPem };
}

async function withParty<T>(change: Partial<Credentials>, action: (party: Party) => Promise<T>): Promise<T> {
  const party = openParty(theBench().handle, 'One', change);
  try {
    return await action(party);
  } finally {
    party.close();
  }
}

/** Endorses a proposal whose timestamp lies so many minutes away from now. */
async function endorseAt(party: Party, key: string, minutes: number) {
  const proposal = party.contract.newProposal('put', { arguments: [key, 'x'] });
  const proposed = gatewayMessages.ProposedTransaction.deserializeBinary(proposal.getBytes());
  const signed = proposed.getProposal()!;
  const inner = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(inner.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const timestamp = channelHeader.getTimestamp()!;
  timestamp.setSeconds(timestamp.getSeconds() + minutes * MINUTE_S);
  header.setChannelHeader(channelHeader.serializeBinary());
  inner.setHeader(header.serializeBinary());
  const bytes = inner.serializeBinary();
  signed.setProposalBytes(bytes);
  return party.gateway.newSignedProposal(proposed.serializeBinary(), await party.sign(bytes)).endorse();
}

/** Who may speak to the network, and when. */
export function describeIdentities(): void {
  it('a contract sees the caller MSP, the attributes of the certificate, the channel and the transaction id', async () => {
    const outcome = await submit(theBench().two, 'caller', []);
    const seen = JSON.parse(outcome.result);
    expect(seen).toMatchObject({ mspId: 'TwoMSP', role: 'two', channel: 'conformance' });
    expect(seen.transactionId).toBe(outcome.transactionId);
  });

  it('a new certificate of the organisation authority is accepted at once', async () => {
    const seen = await withParty(await enrol(1), (party) => evaluate(party, 'caller'));
    expect(JSON.parse(seen)).toMatchObject({ mspId: 'OneMSP', role: 'late' });
  });

  it('an expired certificate is refused', async () => {
    const expired = await enrol(ONE_MINUTE_IN_DAYS);
    const refusal = await withParty(expired, (party) => refusalOf(() => submit(party, 'put', [newKey('old'), 'x'])));
    if (isFabric2()) {
      // Fabric 2 does not ask its filters for the gateway's own peer: the other endorsers refuse.
      expect(refusal.message).toContain('failed to collect enough transaction endorsements');
      expect(new Set(refusal.details.map(({ message }) => message))).toEqual(
        new Set(['rpc error: code = Unknown desc = proposal client identity expired']),
      );
    } else {
      expect(refusal).toEqual(endorseRefusal('proposal client identity expired'));
    }
  });

  it('a certificate of a foreign authority is refused', async () => {
    const foreign = await issue(await createAuthority('ca.one', 'one', { now: new Date(), days: 9 }), 1);
    const refusal = await withParty(foreign, (party) => refusalOf(() => evaluate(party, 'get', 'x')));
    expect(refusal).toEqual(evaluateRefusal(MALFORMED, 'OneMSP', [9, 'FAILED_PRECONDITION']));
  });

  it('a certificate under the name of another MSP is refused', async () => {
    const refusal = await withParty({ mspId: 'TwoMSP' }, (party) => refusalOf(() => submit(party, 'put', ['x', 'y'])));
    expect(refusal).toEqual(endorseRefusal(MALFORMED));
  });

  it('a signature by another key is refused at endorsement, and by the orderer at submission', async () => {
    const { handle, one } = theBench();
    const { privateKeyPem } = handle.identity('Two', 'user');
    const key = newKey('signature');
    const refusal = await withParty({ privateKeyPem }, (party) => refusalOf(() => submit(party, 'put', [key, 'x'])));
    expect(refusal).toEqual(
      endorseRefusal('error validating proposal: access denied: channel [conformance] creator org [OneMSP]'),
    );
    const transaction = await endorse(one, 'put', [key, 'x']);
    const foreignSignature = await theBench().two.sign(transaction.getBytes());
    const forged = one.gateway.newSignedTransaction(transaction.getBytes(), foreignSignature);
    const second = await refusalOf(() => forged.submit());
    expect(second).toEqual({
      code: 10,
      message:
        '10 ABORTED: received unsuccessful response from orderer: status=FORBIDDEN, info=implicit policy evaluation ' +
        "failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be " +
        'satisfied: permission denied',
      details: [],
    });
    expect(await evaluate(one, 'get', key)).toBe('');
    expect((await send(transaction)).code).toBe(StatusCode.VALID);
  });

  it('a proposal from fourteen minutes ago is taken; sixteen minutes are refused from Fabric 3 on', async () => {
    const { one } = theBench();
    expect((await send(await endorseAt(one, newKey('early'), -14))).code).toBe(StatusCode.VALID);
    for (const minutes of [-16, 16]) {
      if (isFabric2()) {
        expect((await send(await endorseAt(one, newKey('late'), minutes))).code).toBe(StatusCode.VALID);
      } else {
        const refusal = await refusalOf(() => endorseAt(one, newKey('late'), minutes));
        expect(refusal).toEqual(
          endorseRefusal(
            'request unauthorized due to incorrect timestamp TIME, peer time TIME, peer.authentication.timewindow 15m0s',
          ),
        );
      }
    }
  });
}
