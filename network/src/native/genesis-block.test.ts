import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCryptoMaterial, findChannel, loadTopology } from '@flexledger/topology';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { createGenesisBlock } from './genesis-block';

const topology = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));

describe('the genesis block of the consortium', () => {
  let directory: string;
  let channel: common.ConfigGroup;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-genesis-'));
    await ensureCryptoMaterial(topology, directory);
    const bytes = createGenesisBlock(topology, findChannel(topology, 'community'), directory);
    const block = common.Block.deserializeBinary(bytes);
    expect(block.getHeader()?.getNumber()).toBe(0);
    const envelope = common.Envelope.deserializeBinary(block.getData()!.getDataList_asU8()[0]!);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(payload.getHeader()!.getChannelHeader_asU8());
    expect([header.getChannelId(), header.getType()]).toEqual(['community', common.HeaderType.CONFIG]);
    channel = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!.getChannelGroup()!;
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const group = (name: string) => channel.getGroupsMap().get(name)!;
  const value = (of: common.ConfigGroup, name: string) => of.getValuesMap().get(name)!.getValue_asU8();
  const capabilities = (of: common.ConfigGroup) => [
    ...common.Capabilities.deserializeBinary(value(of, 'Capabilities')).getCapabilitiesMap().keys(),
  ];

  it('asks for capabilities that Fabric 2.5 and 3.1 both have', () => {
    expect(capabilities(channel)).toEqual(['V2_0']);
    expect(capabilities(group('Orderer'))).toEqual(['V2_0']);
    expect(capabilities(group('Application'))).toEqual(['V2_5']);
  });

  it('has the MSP of an authority byte by byte the same as orderer and as member', () => {
    for (const mspId of ['TsoMSP', 'DsoMSP', 'RegulatorMSP']) {
      const ordering = value(group('Orderer').getGroupsMap().get(mspId)!, 'MSP');
      expect(ordering).toEqual(value(group('Application').getGroupsMap().get(mspId)!, 'MSP'));
      expect(ordering).not.toEqual(value(group('Application').getGroupsMap().get('MarketMSP')!, 'MSP'));
    }
    expect([...group('Orderer').getGroupsMap().keys()].sort()).toEqual(['DsoMSP', 'RegulatorMSP', 'TsoMSP']);
  });

  it('names each orderer with its organisation, and each as a consenter with its TLS certificate', () => {
    const tso = group('Orderer').getGroupsMap().get('TsoMSP')!;
    expect(common.OrdererAddresses.deserializeBinary(value(tso, 'Endpoints')).getAddressesList()).toEqual([
      '127.0.0.1:17055',
    ]);
    expect(channel.getValuesMap().has('OrdererAddresses')).toBe(false);
    const consensus = orderer.ConsensusType.deserializeBinary(value(group('Orderer'), 'ConsensusType'));
    const consenters = orderer.etcdraft.ConfigMetadata.deserializeBinary(
      consensus.getMetadata_asU8(),
    ).getConsentersList();
    expect(consensus.getType()).toBe('etcdraft');
    expect(consenters.map((one) => one.getPort())).toEqual([17055, 17075, 17095]);
    const certificates = consenters.map((one) => Buffer.from(one.getServerTlsCert_asU8()).toString());
    expect(new Set(certificates).size).toBe(3);
    expect(certificates.every((one) => one.startsWith('-----BEGIN CERTIFICATE-----'))).toBe(true);
  });

  it('cuts batches as the topology says, and has an anchor peer for each member', () => {
    const size = orderer.BatchSize.deserializeBinary(value(group('Orderer'), 'BatchSize'));
    expect([size.getMaxMessageCount(), size.getPreferredMaxBytes(), size.getAbsoluteMaxBytes()]).toEqual([
      500, 2_097_152, 10_485_760,
    ]);
    const timeout = orderer.BatchTimeout.deserializeBinary(value(group('Orderer'), 'BatchTimeout'));
    expect(timeout.getTimeout()).toBe('300ms');
    const anchors = [...group('Application').getGroupsMap().entries()].map(([, member]) =>
      peer.AnchorPeers.deserializeBinary(value(member, 'AnchorPeers'))
        .getAnchorPeersList()
        .map((one) => one.getPort()),
    );
    expect(anchors.flat().sort()).toEqual([17051, 17071, 17091, 17111, 17131, 17151]);
  });

  it('lets a majority of members decide on chaincode', () => {
    const policy = group('Application').getPoliciesMap().get('LifecycleEndorsement')!.getPolicy()!;
    const meta = common.ImplicitMetaPolicy.deserializeBinary(policy.getValue_asU8());
    expect(policy.getType()).toBe(common.Policy.PolicyType.IMPLICIT_META);
    expect([meta.getRule(), meta.getSubPolicy()]).toEqual([common.ImplicitMetaPolicy.Rule.MAJORITY, 'Endorsement']);
  });
});
