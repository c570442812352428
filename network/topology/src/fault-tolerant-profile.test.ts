import { join } from 'node:path';
import { faultTolerantProfile } from './fault-tolerant-profile';
import { loadTopology, parseTopology } from './parse-topology';

const consortium = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));

describe('the fault-tolerant profile', () => {
  const derived = faultTolerantProfile(consortium);

  it('gives Community and Market a second peer and nobody else', () => {
    const counts = derived.organizations.map(({ name, peers }) => [name, peers.length]);
    expect(counts).toEqual([
      ['Tso', 1],
      ['Dso', 1],
      ['Regulator', 1],
      ['Aggregator', 1],
      ['Community', 2],
      ['Market', 2],
    ]);
  });

  it('is a topology that passes all checks, ports included, and changes nothing else', () => {
    expect(parseTopology(JSON.stringify(derived), 'derived.json')).toEqual(derived);
    const first = derived.organizations.map((organization) => ({
      ...organization,
      peers: organization.peers.slice(0, 1),
    }));
    expect({ ...derived, name: consortium.name, organizations: first }).toEqual(consortium);
  });

  it('leaves a network as it is whose organisations have their second peer already', () => {
    expect(faultTolerantProfile(derived).organizations).toEqual(derived.organizations);
  });

  it('leaves a collection alone that two such organisations share', () => {
    const policy = `OR('TsoMSP.member', 'AggregatorMSP.member', 'CommunityMSP.member')`;
    const channels = consortium.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.map((chaincode) => ({
        ...chaincode,
        collections: chaincode.collections.map((collection) => ({ ...collection, policy })),
      })),
    }));
    expect(faultTolerantProfile({ ...consortium, channels }).organizations).toEqual(consortium.organizations);
  });
});
