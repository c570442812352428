import { status as StatusCode } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { failureOf, textsOf } from './testing/failure';
import { TestNetwork, textOf } from './testing/test-network';

describe('private data', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
    await network.connect('Alpha').contract.submit('putPrivate', {
      arguments: ['pair', 'price'],
      transientData: { value: 'forty-two' },
    });
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('are read by both members and not by the third organisation', async () => {
    for (const name of ['Alpha', 'Beta']) {
      const { contract } = network.connect(name);
      expect(textOf(await contract.evaluateTransaction('getPrivate', 'pair', 'price'))).toBe('forty-two');
    }
    const stranger = network.connect('Gamma').contract;
    expect(textsOf(await failureOf(stranger.evaluateTransaction('getPrivate', 'pair', 'price')))).toContain(
      'tx creator does not have read access permission on privatedata in chaincodeName:ledger collectionName: pair',
    );
  });

  it('are not held by the peer of the third organisation, whoever asks', async () => {
    const { contract } = network.connect('Alpha');
    const error = await failureOf(
      contract.evaluate('getPrivate', { arguments: ['pair', 'price'], endorsingOrganizations: ['GammaMSP'] }),
    );
    expect(textsOf(error)).toContain('private data matching public hash version is not available');
  });

  it('leave only their hash for everybody', async () => {
    const { contract } = network.connect('Gamma');
    const expected = createHash('sha256').update('forty-two').digest('hex');
    expect(textOf(await contract.evaluateTransaction('getPrivateHash', 'pair', 'price'))).toBe(expected);
  });

  it('are in no block', async () => {
    const query = network.connect('Alpha').network.getContract('qscc');
    for (let number = 0; number < network.devnet.height('trial'); number += 1) {
      const block = await query.evaluateTransaction('GetBlockByNumber', 'trial', String(number));
      expect(Buffer.from(block).includes('forty-two')).toBe(false);
    }
  });

  it('are endorsed by members, even when a stranger with transient data submits', async () => {
    const { contract } = network.connect('Gamma');
    await contract.submit('putBoth', { arguments: ['pair', 'other'], transientData: { value: 'x' } });
    const member = network.connect('Beta').contract;
    expect(textOf(await member.evaluateTransaction('getPrivate', 'pair', 'other'))).toBe('x');
  });

  it('are not shown to strangers without being told, even if the policy needs their endorsement', async () => {
    const { contract } = network.connect('Alpha');
    const input = { arguments: ['solo', 'secret'], transientData: { value: 'x' } };
    const error = await failureOf(contract.submit('putPrivate', input));
    expect(error).toMatchObject({ code: StatusCode.FAILED_PRECONDITION });
    expect(error.message).toContain('not in the distribution policy of the private data collection(s): [solo]');
    await contract.submit('putPrivate', { ...input, endorsingOrganizations: ['AlphaMSP', 'BetaMSP'] });
    expect(textOf(await contract.evaluateTransaction('getPrivate', 'solo', 'secret'))).toBe('x');
  });

  it('may be written by members only where the collection says so', async () => {
    const { contract } = network.connect('Gamma');
    const error = await failureOf(
      contract.submit('putPrivate', {
        arguments: ['brief', 'a'],
        transientData: { value: 'x' },
        endorsingOrganizations: ['AlphaMSP'],
      }),
    );
    expect(textsOf(error)).toContain('tx creator does not have write access permission on privatedata');
  });

  it('obey the endorsement policy of their own collection', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submit('putPrivate', {
      arguments: ['brief', 'mine'],
      transientData: { value: 'x' },
      endorsingOrganizations: ['AlphaMSP'],
    });
    expect(textOf(await contract.evaluateTransaction('getPrivate', 'brief', 'mine'))).toBe('x');
  });

  it('list their rows to members', async () => {
    const { contract } = network.connect('Beta');
    const rows = textOf(await contract.evaluateTransaction('privateRange', 'pair', 'o', 'q'));
    expect(JSON.parse(rows)).toEqual([
      ['other', 'x'],
      ['price', 'forty-two'],
    ]);
  });

  it('have a collection per organisation that nobody has to define', async () => {
    const { contract } = network.connect('Beta');
    const name = '_implicit_org_BetaMSP';
    await contract.submit('putPrivate', {
      arguments: [name, 'own'],
      transientData: { value: 'x' },
      endorsingOrganizations: ['BetaMSP'],
    });
    expect(textOf(await contract.evaluateTransaction('getPrivate', name, 'own'))).toBe('x');
    const elsewhere = contract.evaluate('getPrivate', {
      arguments: [name, 'own'],
      endorsingOrganizations: ['AlphaMSP'],
    });
    expect(textsOf(await failureOf(elsewhere))).toContain('private data matching public hash version is not available');
  });

  it('refuse a collection that is not defined', async () => {
    const error = await failureOf(network.connect('Alpha').contract.evaluateTransaction('getPrivate', 'none', 'a'));
    expect(textsOf(error)).toMatch(/collection [a-z]+\/ledger\/none could not be found/);
  });

  it('vanish with their hash after their blocks to live, and not before', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submit('putPrivate', { arguments: ['brief', 'short'], transientData: { value: 'soon gone' } });
    const written = network.devnet.height('trial') - 1;
    await contract.submitTransaction('put', 'tick', '1');
    await contract.submitTransaction('put', 'tick', '2');
    expect(network.devnet.height('trial') - 1).toBe(written + 2);
    expect(textOf(await contract.evaluateTransaction('getPrivate', 'brief', 'short'))).toBe('soon gone');
    await contract.submitTransaction('put', 'tick', '3');
    expect(textOf(await contract.evaluateTransaction('getPrivate', 'brief', 'short'))).toBe('');
    expect(textOf(await contract.evaluateTransaction('getPrivateHash', 'brief', 'short'))).toBe('');
  });

  it('are gone from the disk once purged, and stay gone after a restart', async () => {
    const { contract } = network.connect('Alpha');
    await contract.submit('purgePrivate', { arguments: ['pair', 'price'] });
    expect(textOf(await contract.evaluateTransaction('getPrivate', 'pair', 'price'))).toBe('');
    await network.stop();
    network = await TestNetwork.start(network.options);
    const again = network.connect('Beta').contract;
    expect(textOf(await again.evaluateTransaction('getPrivate', 'pair', 'price'))).toBe('');
    expect(textOf(await again.evaluateTransaction('getPrivate', 'pair', 'other'))).toBe('x');
  });
});
