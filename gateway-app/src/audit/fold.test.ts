import { ValidationCodes } from '@flexledger/fabric-model';
import { LedgerFold } from './fold';
import { makeBlocks, type MadeTransaction } from './testing/make-blocks';

const order = (id: string, value: string) => ({ key: ['order', 's', id], value: { value } });

function folded(...blocks: readonly (readonly MadeTransaction[])[]): LedgerFold {
  const fold = new LedgerFold('flexledger');
  makeBlocks(...blocks).forEach((block) => fold.feed(block));
  return fold;
}

describe('a fold of blocks', () => {
  test('keeps the last value of every key and all that stood there before', () => {
    const fold = folded([{ writes: [order('b', '1'), order('a', '1')] }], [{ writes: [order('b', '2')] }]);
    expect(fold.rows('order').map(({ parts, value, blockNumber }) => [parts, value, blockNumber])).toEqual([
      [['s', 'a'], { value: '1' }, 0],
      [['s', 'b'], { value: '2' }, 1],
    ]);
    expect(fold.row('order', 's', 'b')?.history).toEqual([{ value: '1' }, { value: '2' }]);
    expect(fold.row('order', 's', 'c')).toBeUndefined();
    expect(fold.types()).toEqual(['order']);
  });

  test('believes only valid transactions, and counts the others by their code', () => {
    const fold = folded([
      { writes: [order('a', '1')] },
      { writes: [order('a', '2')], code: ValidationCodes.MVCC_READ_CONFLICT },
    ]);
    expect(fold.row('order', 's', 'a')?.value).toEqual({ value: '1' });
    expect(fold.summary).toEqual({
      height: 1,
      transactions: 2,
      codes: { VALID: 1, MVCC_READ_CONFLICT: 1 },
      problems: [],
    });
  });

  test('forgets deleted rows and ignores other chaincodes', () => {
    const fold = folded(
      [{ writes: [order('a', '1'), order('b', '1')] }],
      [{ writes: [{ key: ['order', 's', 'a'], value: undefined }] }, { writes: [order('c', '1')], namespace: 'other' }],
    );
    expect(fold.rows('order').map(({ parts }) => parts)).toEqual([['s', 'b']]);
  });

  test('names a block whose content was changed', () => {
    const blocks = makeBlocks([{ writes: [order('a', '1')] }], [{ writes: [order('b', '1')] }]);
    const [forged] = makeBlocks([{ writes: [order('a', '1000')] }]);
    const second = blocks[1];
    const fold = new LedgerFold('flexledger');
    [forged, second].forEach((block) => block !== undefined && fold.feed(block));
    expect(fold.summary.problems).toEqual([expect.stringContaining('1')]);
  });
});
