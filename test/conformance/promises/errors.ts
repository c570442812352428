import { newKey, theBench } from '../support/network';
import { evaluate, refusalOf, submit } from '../support/party';

/** The exact words that an application finds in errors of the gateway. */
export function describeErrors(): void {
  it('an error of the contract reaches the client at endorsement word by word, from each organisation', async () => {
    const sentence = 'METER_UNKNOWN: there is no such meter {"meter":"ä ✓"}';
    const refusal = await refusalOf(() => submit(theBench().one, 'fail', [sentence]));
    expect(refusal).toEqual({
      code: 10,
      message: '10 ABORTED: failed to endorse transaction, see attached details for more info',
      details: [{ mspId: 'OneMSP', message: `chaincode response 500, ${sentence}` }],
    });
  });

  it('an error of the contract reaches the client at evaluation too', async () => {
    const refusal = await refusalOf(() => evaluate(theBench().one, 'fail', 'no'));
    expect(refusal).toEqual({
      code: 2,
      message: '2 UNKNOWN: evaluate call to endorser returned error: chaincode response 500, no',
      details: [{ mspId: 'OneMSP', message: 'chaincode response 500, no' }],
    });
  });

  it('a contract that fails after a write has written nothing', async () => {
    const key = newKey('failed');
    const refusal = await refusalOf(() => submit(theBench().one, 'putAndFail', [key, 'stop']));
    expect(refusal.details[0]?.message).toBe('chaincode response 500, stop');
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
  });

  it('a contract stays alive after an error', async () => {
    await refusalOf(() => evaluate(theBench().one, 'fail', 'once'));
    expect(await evaluate(theBench().one, 'put', newKey('alive'), 'yes')).toBe('yes');
  });

  it('a transaction that the contract does not have is named', async () => {
    const refusal = await refusalOf(() => submit(theBench().one, 'nothing', []));
    expect(refusal.code).toBe(10);
    expect(refusal.details[0]?.message).toContain('nothing');
  });

  it('a chaincode that the channel does not have is refused', async () => {
    const contract = theBench().one.network.getContract('absent');
    const evaluated = await refusalOf(() => contract.evaluateTransaction('get', 'x'));
    const endorsed = await refusalOf(() => contract.submitTransaction('get', 'x'));
    expect([evaluated.code, evaluated.message]).toEqual([0, '']);
    expect([endorsed.code, endorsed.message]).toEqual([0, '']);
  });

  it('a channel that does not exist is refused', async () => {
    const contract = theBench().one.gateway.getNetwork('absent').getContract('conformance');
    const evaluated = await refusalOf(() => contract.evaluateTransaction('get', 'x'));
    const endorsed = await refusalOf(() => contract.submitTransaction('get', 'x'));
    expect([evaluated.code, evaluated.message]).toEqual([0, '']);
    expect([endorsed.code, endorsed.message]).toEqual([0, '']);
  });

  it('an organisation without a peer on the channel cannot be asked to endorse', async () => {
    const refusal = await refusalOf(() =>
      submit(theBench().one, 'put', [newKey('stranger'), 'x'], { endorsingOrganizations: ['NobodyMSP'] }),
    );
    expect([refusal.code, refusal.message]).toEqual([0, '']);
  });
}
