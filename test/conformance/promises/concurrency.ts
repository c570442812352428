import { StatusCode } from '@hyperledger/fabric-gateway';
import { newKey, theBench } from '../support/network';
import { commitStatus, endorse, evaluate, send, submitEverywhere } from '../support/party';

/** What happens to a transaction whose reads were overtaken. */
export function describeConcurrency(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];

  it('of two transactions that read the same version, the second is an MVCC conflict and writes nothing', async () => {
    const key = newKey('mvcc');
    await submitEverywhere(everyone(), 'put', [key, 'start']);
    const first = await endorse(theBench().one, 'readAndPut', [key, key, 'first']);
    const second = await endorse(theBench().one, 'readAndPut', [key, key, 'second']);
    expect((await send(first)).code).toBe(StatusCode.VALID);
    const outcome = await send(second);
    expect(outcome).toMatchObject({ code: StatusCode.MVCC_READ_CONFLICT, successful: false });
    expect(await evaluate(theBench().one, 'get', key)).toBe('first');
  });

  it('transactions that read other keys are both valid', async () => {
    const [left, right] = [newKey('left'), newKey('right')];
    const first = await endorse(theBench().one, 'readAndPut', [left, left, '1']);
    const second = await endorse(theBench().one, 'readAndPut', [right, right, '2']);
    expect((await send(first)).code).toBe(StatusCode.VALID);
    expect((await send(second)).code).toBe(StatusCode.VALID);
  });

  it('a blind write does not conflict: the last one stays', async () => {
    const key = newKey('blind');
    const first = await endorse(theBench().one, 'put', [key, 'first']);
    const second = await endorse(theBench().one, 'put', [key, 'second']);
    expect((await send(second)).code).toBe(StatusCode.VALID);
    expect((await send(first)).code).toBe(StatusCode.VALID);
    expect(await evaluate(theBench().one, 'get', key)).toBe('first');
  });

  it('reading an absent key conflicts with its creation', async () => {
    const key = newKey('absent');
    const reader = await endorse(theBench().one, 'readAndPut', [key, `${key}other`, 'x']);
    await submitEverywhere(everyone(), 'put', [key, 'now here']);
    expect((await send(reader)).code).toBe(StatusCode.MVCC_READ_CONFLICT);
  });

  it('of many transactions on one version, ordered together, exactly one is valid', async () => {
    const key = newKey('race');
    await submitEverywhere(everyone(), 'put', [key, 'start']);
    const racers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => endorse(theBench().one, 'readAndPut', [key, key, `racer ${index}`])),
    );
    const outcomes = await Promise.all(racers.map(send));
    const valid = outcomes.filter((outcome) => outcome.successful);
    expect(valid).toHaveLength(1);
    const others = outcomes.filter((outcome) => !outcome.successful).map(({ code }) => code);
    expect(others).toEqual(Array.from({ length: 5 }, () => StatusCode.MVCC_READ_CONFLICT));
    const codes = await Promise.all(outcomes.map(({ transactionId }) => commitStatus(theBench().two, transactionId)));
    expect(codes.map(({ code }) => code)).toEqual(outcomes.map(({ code }) => code));
  });

  it('a key that appears in a range that was read is a phantom conflict', async () => {
    const key = newKey('phantom');
    await submitEverywhere(everyone(), 'putMany', [key, '3']);
    const reader = await endorse(theBench().one, 'rangeAndPut', [key, `${key}~`, newKey('outside'), 'x']);
    await submitEverywhere(everyone(), 'put', [`${key}0001x`, 'inside']);
    expect((await send(reader)).code).toBe(StatusCode.PHANTOM_READ_CONFLICT);
  });

  it('a key that vanishes from a range that was read is a phantom conflict', async () => {
    const key = newKey('vanish');
    await submitEverywhere(everyone(), 'putMany', [key, '3']);
    const reader = await endorse(theBench().one, 'rangeAndPut', [key, `${key}~`, newKey('outside'), 'x']);
    await submitEverywhere(everyone(), 'remove', [`${key}0001`]);
    expect((await send(reader)).code).toBe(StatusCode.PHANTOM_READ_CONFLICT);
  });

  it('a key that changes its value in a range that was read is a phantom conflict', async () => {
    const key = newKey('change');
    await submitEverywhere(everyone(), 'putMany', [key, '3']);
    const reader = await endorse(theBench().one, 'rangeAndPut', [key, `${key}~`, newKey('outside'), 'x']);
    await submitEverywhere(everyone(), 'put', [`${key}0001`, 'other']);
    expect((await send(reader)).code).toBe(StatusCode.PHANTOM_READ_CONFLICT);
  });

  it('a key that appears outside of the range does not matter', async () => {
    const key = newKey('beside');
    await submitEverywhere(everyone(), 'putMany', [key, '3']);
    const reader = await endorse(theBench().one, 'rangeAndPut', [key, `${key}~`, newKey('outside'), 'x']);
    await submitEverywhere(everyone(), 'put', [newKey('elsewhere'), 'outside']);
    expect((await send(reader)).code).toBe(StatusCode.VALID);
  });

  it('a transaction endorsed before and ordered after is conflicting even in the same block', async () => {
    const key = newKey('block');
    const transactions = await Promise.all([
      endorse(theBench().one, 'put', [key, 'blind']),
      endorse(theBench().one, 'readAndPut', [key, `${key}copy`, 'read']),
    ]);
    const [writer, reader] = transactions;
    const submittedWriter = await writer.submit();
    const submittedReader = await reader.submit();
    expect((await submittedWriter.getStatus()).code).toBe(StatusCode.VALID);
    expect((await submittedReader.getStatus()).code).toBe(StatusCode.MVCC_READ_CONFLICT);
  });
}
