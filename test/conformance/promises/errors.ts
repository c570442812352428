import { newKey, theBench } from '../support/network';
import { endorseRefusal, evaluate, evaluateRefusal, refusalOf, submit } from '../support/party';

/** The exact words that an application finds in errors of the gateway. */
export function describeErrors(): void {
  it('an error of the contract reaches the client at endorsement word by word, from each organisation', async () => {
    const sentence = 'METER_UNKNOWN: there is no such meter {"meter":"ä ✓"}';
    const refusal = await refusalOf(() => submit(theBench().one, 'fail', [sentence]));
    expect(refusal).toEqual(endorseRefusal(`chaincode response 500, ${sentence}`));
  });

  it('an error of the contract reaches the client at evaluation too', async () => {
    const refusal = await refusalOf(() => evaluate(theBench().one, 'fail', 'no'));
    expect(refusal).toEqual(evaluateRefusal('chaincode response 500, no'));
  });

  it('a contract that fails after a write has written nothing', async () => {
    const key = newKey('failed');
    const refusal = await refusalOf(() => submit(theBench().one, 'putAndFail', [key, 'stop']));
    expect(refusal).toEqual(endorseRefusal('chaincode response 500, stop'));
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
  });

  it('a contract stays alive after an error', async () => {
    await refusalOf(() => evaluate(theBench().one, 'fail', 'once'));
    expect(await evaluate(theBench().one, 'put', newKey('alive'), 'yes')).toBe('yes');
  });

  it('a transaction that the contract does not have is named', async () => {
    const refusal = await refusalOf(() => submit(theBench().one, 'nothing', []));
    expect(refusal).toEqual(
      endorseRefusal("chaincode response 500, You've asked to invoke a function that does not exist: nothing"),
    );
  });

  it('a chaincode that the channel does not have is refused', async () => {
    const contract = theBench().one.network.getContract('absent');
    const evaluated = await refusalOf(() => contract.evaluateTransaction('get', 'x'));
    const endorsed = await refusalOf(() => contract.submitTransaction('get', 'x'));
    expect(evaluated).toEqual({
      code: 9,
      message: '9 FAILED_PRECONDITION: no peers available to evaluate chaincode absent in channel conformance',
      details: [],
    });
    expect(endorsed).toEqual({
      code: 9,
      message:
        '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the endorsement policy: ' +
        'No metadata was found for chaincode absent in channel conformance',
      details: [],
    });
  });

  it('a channel that does not exist is refused', async () => {
    const contract = theBench().one.gateway.getNetwork('absent').getContract('conformance');
    const evaluated = await refusalOf(() => contract.evaluateTransaction('get', 'x'));
    const endorsed = await refusalOf(() => contract.submitTransaction('get', 'x'));
    expect(evaluated).toEqual({
      code: 14,
      message:
        '14 UNAVAILABLE: failed to get config for channel [absent]: could not get last config for channel absent',
      details: [],
    });
    expect(endorsed).toEqual({
      code: 9,
      message:
        '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the endorsement policy: ' +
        'No metadata was found for chaincode conformance in channel absent',
      details: [],
    });
  });

  it('an organisation without a peer on the channel cannot be asked to endorse', async () => {
    const refusal = await refusalOf(() =>
      submit(theBench().one, 'put', [newKey('stranger'), 'x'], { endorsingOrganizations: ['NobodyMSP'] }),
    );
    expect(refusal).toEqual({
      code: 14,
      message: '14 UNAVAILABLE: failed to find any endorsing peers for org(s): NobodyMSP',
      details: [],
    });
  });
}
