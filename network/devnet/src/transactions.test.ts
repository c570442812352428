import { status as StatusCode } from '@grpc/grpc-js';
import { CommitError, EndorseError } from '@hyperledger/fabric-gateway';
import { failureOf, textsOf } from './testing/failure';
import { TestNetwork, textOf } from './testing/test-network';

describe('transactions on the embedded network', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('commits what an unmodified client submits, and every organisation reads it', async () => {
    await network.connect('Alpha').contract.submitTransaction('put', 'colour', 'blue');
    for (const name of ['Alpha', 'Beta', 'Gamma']) {
      expect(textOf(await network.connect(name).contract.evaluateTransaction('get', 'colour'))).toBe('blue');
    }
  });

  it('evaluates on the own organisation first, and on a named one when told', async () => {
    const { contract } = network.connect('Beta');
    expect(textOf(await contract.evaluateTransaction('who'))).toBe('BetaMSP BetaMSP');
    const elsewhere = await contract.evaluate('who', { endorsingOrganizations: ['GammaMSP'] });
    expect(textOf(elsewhere)).toBe('GammaMSP BetaMSP');
  });

  it('writes nothing when a transaction is only evaluated', async () => {
    const { contract } = network.connect('Alpha');
    await contract.evaluateTransaction('put', 'only-evaluated', 'x');
    expect(textOf(await contract.evaluateTransaction('get', 'only-evaluated'))).toBe('');
  });

  it('gives the text of a contract error with the endorser that said it', async () => {
    const { contract } = network.connect('Alpha');
    const error = await failureOf(contract.submitTransaction('fail', 'the meter is unknown'));
    expect(error).toBeInstanceOf(EndorseError);
    if (!(error instanceof EndorseError)) return;
    expect(error.code).toBe(StatusCode.ABORTED);
    expect(error.message).toContain('failed to endorse transaction, see attached details for more info');
    expect(error.details).toEqual([
      expect.objectContaining({ mspId: 'AlphaMSP', message: 'chaincode response 500, the meter is unknown' }),
    ]);
    const evaluated = await failureOf(contract.evaluateTransaction('fail', 'the meter is unknown'));
    expect(evaluated.message).toContain(
      'evaluate call to endorser returned error: chaincode response 500, the meter is unknown',
    );
    expect(evaluated).toMatchObject({ code: StatusCode.UNKNOWN });
  });

  it('invalidates the second of two transactions that read the same key, and commits the first', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submitTransaction('put', 'chain', 'a');
    const one = await contract.newProposal('append', { arguments: ['chain', 'b'] }).endorse();
    const two = await contract.newProposal('append', { arguments: ['chain', 'c'] }).endorse();
    const first = await (await one.submit()).getStatus();
    const second = await (await two.submit()).getStatus();
    expect(first).toMatchObject({ successful: true, code: 0 });
    expect(second).toMatchObject({ successful: false, code: 11 });
    expect(textOf(await contract.evaluateTransaction('get', 'chain'))).toBe('ab');
  });

  it('invalidates a range read into which a row was written in between, and not one beside it', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submitTransaction('put', 'row-1', 'x');
    const counting = await contract.newProposal('countInto', { arguments: ['row-', 'row-~', 'rows'] }).endorse();
    await contract.submitTransaction('put', 'row-2', 'x');
    expect(await (await counting.submit()).getStatus()).toMatchObject({ code: 12 });
    const again = await contract.newProposal('countInto', { arguments: ['row-', 'row-~', 'rows'] }).endorse();
    await contract.submitTransaction('put', 'other-2', 'x');
    expect(await (await again.submit()).getStatus()).toMatchObject({ code: 0 });
    expect(textOf(await contract.evaluateTransaction('get', 'rows'))).toBe('2');
  });

  it('gives a transaction id twice the code of a duplicate in the ledger, and refuses to endorse it again', async () => {
    const { contract } = network.connect('Alpha');
    const proposal = contract.newProposal('put', { arguments: ['twice', 'x'] });
    const transaction = await proposal.endorse();
    const signed = transaction.getBytes();
    const first = await transaction.submit();
    await first.getStatus();
    const { gateway } = network.connect('Alpha');
    const resent = gateway.newTransaction(signed);
    expect(await (await resent.submit()).getStatus()).toMatchObject({ code: 0 });
    const refused = await failureOf(proposal.endorse());
    expect(textsOf(refused)).toContain(`duplicate transaction found [${transaction.getTransactionId()}]`);
  });

  it('refuses results that differ between organisations and names the key', async () => {
    const error = await failureOf(network.connect('Alpha').contract.submitTransaction('zone', 'where'));
    expect(error).toBeInstanceOf(EndorseError);
    expect(error).toMatchObject({ code: StatusCode.ABORTED });
    expect(textsOf(error)).toContain('ProposalResponsePayloads do not match');
    expect(textsOf(error)).toContain('where');
    expect(textOf(await network.connect('Alpha').contract.evaluateTransaction('get', 'where'))).toBe('');
  });

  it('marks a transaction invalid when its endorsers do not satisfy the policy, and valid when they do', async () => {
    const { contract } = network.connect('Alpha');
    const alone = failureOf(
      contract.submit('put', { arguments: ['lonely', 'x'], endorsingOrganizations: ['AlphaMSP'] }),
    );
    expect(await alone).toBeInstanceOf(CommitError);
    expect(await alone).toMatchObject({ code: 10 });
    await contract.submit('put', { arguments: ['paired', 'x'], endorsingOrganizations: ['AlphaMSP', 'GammaMSP'] });
    expect(textOf(await contract.evaluateTransaction('get', 'lonely'))).toBe('');
    expect(textOf(await contract.evaluateTransaction('get', 'paired'))).toBe('x');
  });

  it('names the organisations that have no peer here', async () => {
    const { contract } = network.connect('Alpha');
    const error = await failureOf(
      contract.submit('put', { arguments: ['a', 'b'], endorsingOrganizations: ['NobodyMSP'] }),
    );
    expect(error).toMatchObject({ code: StatusCode.UNAVAILABLE });
    expect(error.message).toContain('failed to find any endorsing peers for org(s): NobodyMSP');
  });

  it('goes on with another organisation when one does not endorse', async () => {
    network.devnet.faults.setDown('BetaMSP', true);
    await network.connect('Alpha').contract.submitTransaction('put', 'without-beta', 'x');
    network.devnet.faults.setDown('GammaMSP', true);
    const error = await failureOf(network.connect('Alpha').contract.submitTransaction('put', 'alone', 'x'));
    expect(error.message).toContain('failed to collect enough transaction endorsements');
    network.devnet.faults.setDown('BetaMSP', false);
    network.devnet.faults.setDown('GammaMSP', false);
  });

  it('refuses a signature of another key, and an identity that the channel does not know', async () => {
    const foreign = network.identity('Beta').privateKeyPem;
    const forged = network.connect('Alpha', { privateKeyPem: foreign }).contract;
    const error = await failureOf(forged.evaluateTransaction('get', 'colour'));
    expect(error).toMatchObject({ code: StatusCode.FAILED_PRECONDITION });
    expect(error.message).toContain('error validating proposal: access denied: channel [trial] creator org [AlphaMSP]');
    const submitted = await failureOf(forged.submitTransaction('put', 'forged', 'x'));
    expect(submitted).toMatchObject({ code: StatusCode.ABORTED });
    const honest = network.connect('Beta', { organization: 'Alpha' }).contract;
    expect(textOf(await honest.evaluateTransaction('get', 'forged'))).toBe('');
  });

  it('refuses an unsigned or altered transaction at the sequencer', async () => {
    const { contract, gateway } = network.connect('Alpha');
    const transaction = await contract.newProposal('put', { arguments: ['altered', 'x'] }).endorse();
    const stolen = network.connect('Alpha', { privateKeyPem: network.identity('Beta').privateKeyPem });
    const error = await failureOf(stolen.gateway.newTransaction(transaction.getBytes()).submit());
    expect(error).toMatchObject({ name: 'SubmitError', code: StatusCode.ABORTED });
    expect(error.message).toContain('received unsuccessful response from orderer: status=FORBIDDEN');
    await (await gateway.newTransaction(transaction.getBytes()).submit()).getStatus();
    expect(textOf(await contract.evaluateTransaction('get', 'altered'))).toBe('x');
  });

  it('answers for an unknown chaincode or channel what Fabric answers', async () => {
    const { network: channel, gateway } = network.connect('Alpha');
    const unknown = channel.getContract('nothing');
    const evaluated = await failureOf(unknown.evaluateTransaction('get'));
    expect(evaluated).toMatchObject({ code: StatusCode.FAILED_PRECONDITION });
    expect(evaluated.message).toContain('no peers available to evaluate chaincode nothing in channel trial');
    expect(await failureOf(unknown.submitTransaction('get'))).toMatchObject({ code: StatusCode.FAILED_PRECONDITION });
    const elsewhere = gateway.getNetwork('nowhere').getContract('ledger');
    expect(await failureOf(elsewhere.evaluateTransaction('get', 'a'))).toMatchObject({ code: StatusCode.UNAVAILABLE });
  });

  it('answers the ledger queries of qscc', async () => {
    const { network: channel } = network.connect('Alpha');
    const height = network.devnet.height('trial');
    const query = channel.getContract('qscc');
    const info = await query.evaluateTransaction('GetChainInfo', 'trial');
    expect(Buffer.from(info)[1]).toBe(height);
    const block = await query.evaluateTransaction('GetBlockByNumber', 'trial', '1');
    expect(block.length).toBeGreaterThan(100);
    const error = await failureOf(query.evaluateTransaction('GetBlockByNumber', 'trial', '999999'));
    expect(error.message).toContain('Failed to get block number 999999');
  });
});
