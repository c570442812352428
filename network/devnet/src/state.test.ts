import { status as StatusCode } from '@grpc/grpc-js';
import { failureOf, textsOf } from './testing/failure';
import { TestNetwork, textOf } from './testing/test-network';

describe('the state of a chaincode', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
    await network.connect('Alpha').contract.submitTransaction('fill', 'many-', '250');
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('returns a range that needs several messages completely and in order', async () => {
    const { contract } = network.connect('Alpha');
    const rows = JSON.parse(textOf(await contract.evaluateTransaction('range', 'many-', 'many-~'))) as string[][];
    expect(rows).toHaveLength(250);
    expect(rows.map(([key]) => key)).toEqual([...rows.map(([key]) => key)].sort());
    expect(textOf(await contract.submitTransaction('countInto', 'many-', 'many-~', 'sum'))).toBe('250');
  });

  it('pages through a range with bookmarks until the end', async () => {
    const { contract } = network.connect('Beta');
    let bookmark = '';
    const seen: string[] = [];
    do {
      const page = JSON.parse(
        textOf(await contract.evaluateTransaction('page', 'many-', 'many-~', '100', bookmark)),
      ) as {
        rows: [string, string][];
        bookmark: string;
        count: number;
      };
      expect(page.count).toBe(page.rows.length);
      seen.push(...page.rows.map(([key]) => key));
      bookmark = page.bookmark;
    } while (bookmark !== '');
    expect(seen).toHaveLength(250);
    expect(new Set(seen).size).toBe(250);
  });

  it('refuses writes after a paginated query', async () => {
    const error = await failureOf(network.connect('Alpha').contract.submitTransaction('pageAndPut', 'many-', 'many-~'));
    expect(textsOf(error)).toContain('Transaction has already performed a paginated query. Writes are not allowed');
  });

  it('keeps composite keys apart from simple ones', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submitTransaction('composite', 'pair', 'a', 'b');
    await contract.submitTransaction('composite', 'pair', 'a', 'c');
    await contract.submitTransaction('composite', 'pair', 'b', 'a');
    expect(textOf(await contract.evaluateTransaction('compositeRange', 'pair', 'a'))).toBe('["a/b","a/c"]');
    const all = textOf(await contract.evaluateTransaction('range', '', ''));
    expect(all).not.toContain('a/b');
  });

  it('tells the history of a key, newest first, deletion included', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submitTransaction('put', 'old', '1');
    await contract.submitTransaction('put', 'old', '2');
    await contract.submitTransaction('remove', 'old');
    const rows = JSON.parse(textOf(await contract.evaluateTransaction('history', 'old'))) as {
      value: string;
      isDelete: boolean;
    }[];
    expect(rows.map(({ value, isDelete }) => [value, isDelete])).toEqual([
      ['', true],
      ['2', false],
      ['1', false],
    ]);
  });

  it.each([
    ['rich', [], 'rich query'],
    ['call', [], 'chaincode-to-chaincode'],
    ['keyPolicy', ['a'], 'key-level endorsement'],
  ])('refuses %s and points to the list of differences', async (name, parameters, text) => {
    const error = await failureOf(network.connect('Alpha').contract.submitTransaction(name, ...parameters));
    expect(textsOf(error)).toContain(text);
    expect(textsOf(error)).toContain('DIFFERENCES.md');
  });

  it('ends a transaction whose process dies, restarts the process, and serves the next one', async () => {
    const { contract } = network.connect('Alpha');
    const before = network.devnet.chaincodeProcessIds();
    const error = await failureOf(contract.evaluate('exit', { endorsingOrganizations: ['AlphaMSP'] }));
    expect(error).toMatchObject({ code: StatusCode.ABORTED });
    expect(textsOf(error)).toContain('chaincode stream terminated');
    await contract.submitTransaction('put', 'after-exit', 'x');
    expect(textOf(await contract.evaluateTransaction('who'))).toBe('AlphaMSP AlphaMSP');
    expect(network.devnet.chaincodeProcessIds()).toHaveLength(before.length);
    expect(network.devnet.chaincodeProcessIds()).not.toEqual(before);
  });
});
