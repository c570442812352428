import { limits, slot, wh, type BlockResult, type ProfileBlock } from '@flexledger/domain';
import { deriveId } from '../agents/seed';
import { closeBlock } from '../agents/sign-block';
import { BlockBatcher, GatewayBusy } from './block-batcher';

function chainOf(meter: string, count: number): ProfileBlock[] {
  const blocks: ProfileBlock[] = [];
  for (let index = 0; index < count; index += 1) {
    const previous = blocks.at(-1);
    const values = { importWh: [wh(BigInt(index))], exportWh: [wh(0n)] };
    const measured = { startSlot: slot(1_600_000 + index), resolutionMinutes: 15, ...values } as const;
    const salt = Buffer.alloc(16, index).toString('base64url');
    const block = closeBlock({ meterId: deriveId('batcher', meter), keyVersion: 1, previous, measured, salt });
    blocks.push({ ...block, signature: Buffer.alloc(64, 1).toString('base64url') });
  }
  return blocks;
}

/** Transactions that end when the test says so. */
class Transactions {
  readonly begun: { readonly blocks: readonly ProfileBlock[]; end(error?: Error): void }[] = [];

  readonly record = (blocks: readonly ProfileBlock[]): Promise<readonly BlockResult[]> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => (error === undefined ? resolve(blocks.map(() => RECORDED)) : reject(error));
      this.begun.push({ blocks, end });
    });

  async count(number: number): Promise<void> {
    while (this.begun.length < number) await new Promise(setImmediate);
  }

  sequences(index: number): string[] {
    return this.begun[index]!.blocks.map(({ meterId, sequence }) => `${meterId.slice(0, 4)}/${sequence}`);
  }
}

const RECORDED: BlockResult = { status: 'recorded' };

describe('the batches of a gateway', () => {
  test('gather the blocks of many agents into one transaction, those of a meter in the order of its chain', async () => {
    const transactions = new Transactions();
    const batcher = new BlockBatcher({ record: transactions.record, gatherMs: 1 });
    const [one, two] = [chainOf('one', 3), chainOf('two', 2)];
    const answers = Promise.all([batcher.add([one[2]!, one[0]!]), batcher.add([one[1]!]), batcher.add(two)]);
    await transactions.count(1);
    const [first, second] = [one[0]!.meterId.slice(0, 4), two[0]!.meterId.slice(0, 4)];
    expect(transactions.sequences(0)).toEqual([`${first}/1`, `${first}/2`, `${first}/3`, `${second}/1`, `${second}/2`]);
    transactions.begun[0]!.end();
    expect(await answers).toEqual([[RECORDED, RECORDED], [RECORDED], [RECORDED, RECORDED]]);
  });

  test('have the blocks of a meter under way in one transaction at a time, and do not hold up other meters', async () => {
    const transactions = new Transactions();
    const batcher = new BlockBatcher({ record: transactions.record, gatherMs: 1 });
    const [one, two] = [chainOf('one', 2), chainOf('two', 1)];
    const firstAdded = batcher.add([one[0]!]);
    await transactions.count(1);
    const others = Promise.all([batcher.add([one[1]!]), batcher.add(two)]);
    await transactions.count(2);
    expect(transactions.sequences(1)).toEqual([`${two[0]!.meterId.slice(0, 4)}/1`]);
    transactions.begun[1]!.end();
    transactions.begun[0]!.end();
    await firstAdded;
    await transactions.count(3);
    expect(transactions.begun[2]!.blocks).toEqual([one[1]]);
    transactions.begun[2]!.end();
    await others;
  });

  test('carry at most as many blocks as one call may have', async () => {
    const transactions = new Transactions();
    const batcher = new BlockBatcher({ record: transactions.record, gatherMs: 1 });
    const all = Promise.all(Array.from({ length: 60 }, (_, index) => batcher.add(chainOf(`meter-${index}`, 5))));
    const carried = (): number => transactions.begun.reduce((sum, { blocks }) => sum + blocks.length, 0);
    for (let index = 0; index === 0 || carried() < 300; index += 1) {
      await transactions.count(index + 1);
      transactions.begun[index]!.end();
    }
    transactions.begun.forEach(({ end }) => end());
    await all;
    expect(transactions.begun.every(({ blocks }) => blocks.length <= limits.blocksPerCallMax)).toBe(true);
  });

  test('answer a block that is sent twice once from one transaction, but pass on another block with its number', async () => {
    const transactions = new Transactions();
    const batcher = new BlockBatcher({ record: transactions.record, gatherMs: 1 });
    const [block] = chainOf('one', 1);
    const clone = { ...block!, signature: Buffer.alloc(64, 2).toString('base64url') } as ProfileBlock;
    const answers = Promise.all([batcher.add([block!]), batcher.add([block!]), batcher.add([clone])]);
    await transactions.count(1);
    expect(transactions.begun[0]!.blocks).toEqual([block, clone]);
    transactions.begun[0]!.end();
    expect(await answers).toEqual([[RECORDED], [RECORDED], [RECORDED]]);
  });

  test('say that a transaction has failed to those whose blocks were in it, and take the blocks again', async () => {
    const transactions = new Transactions();
    const batcher = new BlockBatcher({ record: transactions.record, gatherMs: 1 });
    const blocks = chainOf('one', 1);
    const failed = batcher.add(blocks);
    await transactions.count(1);
    transactions.begun[0]!.end(new Error('nobody knows'));
    await expect(failed).rejects.toThrow('nobody knows');
    const again = batcher.add(blocks);
    await transactions.count(2);
    transactions.begun[1]!.end();
    expect(await again).toEqual([RECORDED]);
  });

  test('take no more than they can hold', async () => {
    const batcher = new BlockBatcher({ record: new Transactions().record, gatherMs: 1, blocksMax: 3 });
    void batcher.add(chainOf('one', 3));
    await expect(batcher.add(chainOf('two', 1))).rejects.toThrow(GatewayBusy);
    batcher.close();
  });
});
