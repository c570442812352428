import { newKey, theBench } from '../support/network';
import { endorseRefusal, evaluate, refusalOf, submit, submitEverywhere } from '../support/party';

/** Reads and writes of one transaction, ranges, composite keys, pages and history. */
export function describeState(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];

  it('a committed write is read by every peer, an evaluated one by none', async () => {
    const key = newKey('write');
    await submitEverywhere(everyone(), 'put', [key, 'stays']);
    const reads = await Promise.all(everyone().map((party) => evaluate(party, 'get', key)));
    expect(reads).toEqual(['stays', 'stays', 'stays']);
    expect(await evaluate(theBench().one, 'put', `${key}x`, 'gone')).toBe('gone');
    expect(await evaluate(theBench().one, 'get', `${key}x`)).toBe('');
  });

  it('a transaction does not read its own writes, the next one does', async () => {
    const key = newKey('own');
    const first = await submitEverywhere(everyone(), 'putAndGet', [key, 'new']);
    expect(first.result).toBe('');
    const second = await submitEverywhere(everyone(), 'putAndGet', [key, 'newer']);
    expect(second.result).toBe('new');
  });

  it('a deleted key reads as empty', async () => {
    const key = newKey('delete');
    await submitEverywhere(everyone(), 'put', [key, 'here']);
    expect(await evaluate(theBench().one, 'get', key)).toBe('here');
    await submitEverywhere(everyone(), 'remove', [key]);
    expect(await evaluate(theBench().one, 'get', key)).toBe('');
  });

  it('a range has its start and not its end, in byte order', async () => {
    const key = newKey('range');
    await submitEverywhere(everyone(), 'putMany', [key, '5']);
    await submitEverywhere(everyone(), 'put', [`${key}000`, 'sorts before 0000']);
    const rows = JSON.parse(await evaluate(theBench().one, 'range', `${key}0001`, `${key}0003`));
    expect(rows).toEqual([
      { key: `${key}0001`, value: 'value 0001' },
      { key: `${key}0002`, value: 'value 0002' },
    ]);
    const all: { key: string }[] = JSON.parse(await evaluate(theBench().one, 'range', key, `${key}~`));
    expect(all.map((row) => row.key.slice(key.length))).toEqual(['000', '0000', '0001', '0002', '0003', '0004']);
  });

  it('pages follow each other by their bookmark, and the last one has none', async () => {
    const key = newKey('page');
    await submitEverywhere(everyone(), 'putMany', [key, '5']);
    const page = async (bookmark: string) =>
      JSON.parse(await evaluate(theBench().one, 'page', key, `${key}~`, '2', bookmark));
    const first = await page('');
    expect(first).toMatchObject({ count: 2, bookmark: `${key}0002` });
    const second = await page(first.bookmark);
    expect(second.rows.map((row: { value: string }) => row.value)).toEqual(['value 0002', 'value 0003']);
    const third = await page(second.bookmark);
    expect(third).toMatchObject({ count: 1, bookmark: '' });
  });

  it('a transaction that read pages may not write', async () => {
    const key = newKey('paged');
    await submitEverywhere(everyone(), 'putMany', [key, '3']);
    const refusal = await refusalOf(() => submit(theBench().one, 'pageAndPut', [key, `${key}~`, `${key}written`, 'x']));
    expect(refusal).toEqual(
      endorseRefusal(
        'chaincode response 500, PUT_STATE failed: transaction ID: TXID: txid [TXID]: unsuppored transaction. ' +
          'Transaction has already performed a paginated query. Writes are not allowed',
      ),
    );
  });

  it('composite keys are found by their first parts and never by a range of simple keys', async () => {
    const type = newKey('type');
    await submitEverywhere(everyone(), 'putComposite', [type, '["a","1"]', 'first']);
    await submitEverywhere(everyone(), 'putComposite', [type, '["a","2"]', 'second']);
    await submitEverywhere(everyone(), 'putComposite', [type, '["ab","3"]', 'third']);
    const found = JSON.parse(await evaluate(theBench().one, 'composites', type, '["a"]'));
    expect(found).toEqual([
      { parts: ['a', '1'], value: 'first' },
      { parts: ['a', '2'], value: 'second' },
    ]);
    const simple: { value: string }[] = JSON.parse(await evaluate(theBench().one, 'range', '', ''));
    expect(simple.length).toBeGreaterThan(0);
    expect(simple.some((row) => ['first', 'second', 'third'].includes(row.value))).toBe(false);
  });

  it('the history of a key is complete, newest first, and has deletions and only valid transactions', async () => {
    const key = newKey('history');
    const put = await submitEverywhere(everyone(), 'put', [key, 'a']);
    const removed = await submitEverywhere(everyone(), 'remove', [key]);
    const again = await submitEverywhere(everyone(), 'put', [key, 'b']);
    const rejected = await submit(theBench().one, 'put', [key, 'c'], { endorsingOrganizations: ['OneMSP'] });
    expect(rejected.successful).toBe(false);
    expect(JSON.parse(await evaluate(theBench().one, 'history', key))).toEqual([
      { transactionId: again.transactionId, isDelete: false, value: 'b' },
      { transactionId: removed.transactionId, isDelete: true, value: '' },
      { transactionId: put.transactionId, isDelete: false, value: 'a' },
    ]);
  });
}
