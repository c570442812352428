import { decodeBlock, encodeBlock, newBlock } from '../block/block';
import { toHex, utf8 } from '../common/bytes';
import type { Identity } from '../msp/identity';
import { renderSignaturePolicy } from '../policy/text';
import { testChannel, testConfig, testOrganization } from '../testing/test-network';
import { ChannelConfig, isConfigBlock } from './channel-config';
import { buildGenesisBlock } from './genesis';

const organizations = ['A', 'B', 'C'].map(testOrganization);
const config = testChannel(organizations);

function peersOf(...mspIds: string[]): Identity[] {
  return organizations
    .filter(({ mspId }) => mspIds.includes(mspId))
    .map(({ mspId, peer }) => config.msps.deserialize(peer.serialized(mspId)));
}

describe('the configuration of a channel', () => {
  it('is read from its genesis block', () => {
    expect(config.channelId).toBe('test');
    expect(config.applicationMspIds).toEqual(['A', 'B', 'C']);
    expect(config.batch).toEqual({
      messageCountMax: 10,
      absoluteBytesMax: 10_000_000,
      preferredBytesMax: 2_000_000,
      timeout: '500ms',
    });
    expect(config.organizationPath('B')).toBe('/Channel/Application/B');
    expect(config.organizationPath('D')).toBeUndefined();
  });

  it('is the same block for the same configuration, and another one for another channel', () => {
    const bytesOf = (channelId: string) => toHex(encodeBlock(buildGenesisBlock(channelId, testConfig(organizations))));
    expect(bytesOf('test')).toBe(bytesOf('test'));
    expect(bytesOf('test')).not.toBe(bytesOf('other'));
    expect(isConfigBlock(decodeBlock(Buffer.from(bytesOf('test'), 'hex')))).toBe(true);
    expect(isConfigBlock(newBlock(1, new Uint8Array(0), [utf8('no envelope')]))).toBe(false);
    expect(() => ChannelConfig.fromBlock(newBlock(1, new Uint8Array(0), []))).toThrow('CONFIG_BLOCK_EXPECTED');
  });

  it.each([
    ['/Channel/Application/Endorsement', ['A', 'B'], true],
    ['/Channel/Application/Endorsement', ['C'], false],
    ['/Channel/Application/Endorsement', [], false],
    ['/Channel/Application/Readers', ['C'], true],
    ['/Channel/Application/Readers', [], false],
    ['/Channel/Application/Admins', ['A', 'B', 'C'], false],
    ['/Channel/Application/B/Endorsement', ['B'], true],
    ['/Channel/Application/B/Endorsement', ['A'], false],
    ['/Channel/Application/D/Endorsement', ['A'], false],
    ['/Channel/Application/Nothing', ['A', 'B', 'C'], false],
    ['/Elsewhere/Endorsement', ['A', 'B', 'C'], false],
  ] as const)('policy %s with peers of %j holds: %s', (path, mspIds, holds) => {
    expect(config.evaluate(path, peersOf(...mspIds))).toBe(holds);
  });

  it('writes implicit policies as signature policies', () => {
    const policy = config.signaturePolicyFor('/Channel/Application/Endorsement');
    expect(renderSignaturePolicy(policy!)).toBe(
      "OutOf(2, OR('A.peer'), OR('B.peer'), OR('C.peer'))".replace(/OR/g, 'AND'),
    );
    expect(config.signaturePolicyFor('/Channel/Application/Nothing')).toBeUndefined();
    expect(config.policy('/Channel/Application/Endorsement')).toEqual({
      kind: 'implicitMeta',
      rule: 'MAJORITY',
      subPolicy: 'Endorsement',
    });
  });
});
