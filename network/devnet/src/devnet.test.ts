import { TestNetwork, textOf } from './testing/test-network';

describe('the embedded network', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('commits what an unmodified client submits and every organisation reads it', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submitTransaction('put', 'colour', 'blue');
    for (const name of ['Alpha', 'Beta', 'Gamma']) {
      const other = network.connect(name);
      expect(textOf(await other.contract.evaluateTransaction('get', 'colour'))).toBe('blue');
    }
  });
});
