import { join } from 'node:path';
import {
  nodeFullName,
  ordererFolders,
  peerFolders,
  type OrdererNode,
  type Organization,
  type PeerNode,
} from '@flexledger/topology';

/** A configuration file as nested values; written as JSON, which every YAML reader accepts. */
export type ConfigTree = { readonly [key: string]: ConfigValue };
type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigTree;

/** Where one node keeps its files. */
export interface NodePlace {
  readonly cryptoDirectory: string;
  /** Folder of this node alone. */
  readonly dataDirectory: string;
  /** Folder of the chaincode-as-a-service builder. */
  readonly builder: string;
}

const HUNDRED_MEBIBYTES = 100 * 1024 * 1024;

/** The content of core.yaml for a peer: TLS on every port, no container engine, chaincode as a service only. */
export function peerConfig(organization: Organization, node: PeerNode, place: NodePlace, version: string): ConfigTree {
  const folders = peerFolders(place.cryptoDirectory, organization, node);
  const tls = tlsFiles(folders.tls);
  const address = `${node.host}:${node.port}`;
  return {
    peer: {
      id: nodeFullName(organization, node),
      networkId: 'flexledger',
      listenAddress: address,
      address,
      chaincodeListenAddress: `${node.host}:${node.chaincodeListenPort}`,
      chaincodeAddress: `${node.host}:${node.chaincodeListenPort}`,
      mspConfigPath: folders.msp,
      localMspId: organization.mspId,
      localMspType: 'bccsp',
      fileSystemPath: join(place.dataDirectory, 'ledger'),
      // An orderer that hangs costs three seconds; the gateway then asks the next one within the client's own deadline.
      // An endorser that hangs is given up within the deadline of a client, so that another one can still endorse.
      gateway: { enabled: true, endorsementTimeout: '10s', broadcastTimeout: '3s', dialTimeout: '2m' },
      keepalive: {
        interval: '7200s',
        timeout: '20s',
        minInterval: '30s',
        // A peer notices within this time that the orderer that it gets its blocks from hangs; less than 10 s is not possible.
        deliveryClient: { interval: '10s', timeout: '3s' },
      },
      gossip: gossipConfig(organization, address),
      tls: {
        enabled: true,
        clientAuthRequired: false,
        cert: { file: tls.certificate },
        key: { file: tls.key },
        rootcert: { file: tls.authority },
      },
      authentication: { timewindow: '15m' },
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      client: { connTimeout: '3s' },
      deliveryclient: {
        blockGossipEnabled: false,
        reconnectTotalTimeThreshold: '3600s',
        connTimeout: '3s',
        reConnectBackoffThreshold: '5s',
        minimalReconnectInterval: '100ms',
        policy: 'cluster',
      },
      handlers: handlersConfig(version),
      discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, authCachePurgeRetentionRatio: 0.75 },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 } },
      maxRecvMsgSize: HUNDRED_MEBIBYTES,
      maxSendMsgSize: HUNDRED_MEBIBYTES,
    },
    vm: { endpoint: '' },
    chaincode: chaincodeConfig(place.builder),
    ledger: ledgerConfig(place),
    operations: operationsConfig(`${node.host}:${node.operationsPort}`, tls),
    metrics: { provider: 'prometheus' },
  };
}

/** The content of orderer.yaml for a Raft orderer without a system channel. */
export function ordererConfig(organization: Organization, node: OrdererNode, place: NodePlace): ConfigTree {
  const folders = ordererFolders(place.cryptoDirectory, organization, node);
  const tls = tlsFiles(folders.tls);
  const serverTls = {
    Enabled: true,
    PrivateKey: tls.key,
    Certificate: tls.certificate,
    RootCAs: [tls.authority],
    ClientAuthRequired: false,
    ClientRootCAs: [tls.authority],
  };
  return {
    General: {
      ListenAddress: node.host,
      ListenPort: node.port,
      TLS: serverTls,
      Keepalive: { ServerMinInterval: '5s', ServerInterval: '7200s', ServerTimeout: '20s' },
      Cluster: { SendBufferSize: 100, ClientCertificate: tls.certificate, ClientPrivateKey: tls.key },
      LocalMSPDir: folders.msp,
      LocalMSPID: organization.mspId,
      BootstrapMethod: 'none',
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      Authentication: { TimeWindow: '15m' },
      MaxRecvMsgSize: HUNDRED_MEBIBYTES,
      MaxSendMsgSize: HUNDRED_MEBIBYTES,
    },
    FileLedger: { Location: join(place.dataDirectory, 'ledger') },
    Operations: {
      ListenAddress: `${node.host}:${node.operationsPort}`,
      TLS: { ...serverTls, ClientRootCAs: [tls.authority] },
    },
    Metrics: { Provider: 'prometheus' },
    Admin: {
      ListenAddress: `${node.host}:${node.adminPort}`,
      TLS: { ...serverTls, ClientAuthRequired: true },
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Consensus: {
      WALDir: join(place.dataDirectory, 'raft', 'wal'),
      SnapDir: join(place.dataDirectory, 'raft', 'snapshot'),
    },
  };
}

interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

function tlsFiles(folder: string): TlsFiles {
  return {
    certificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
    authority: join(folder, 'ca.crt'),
  };
}

/** Every peer pulls its blocks from the orderers; gossip carries membership and private data, with intervals for one machine. */
function gossipConfig(organization: Organization, address: string): ConfigTree {
  return {
    bootstrap: organization.peers.map((peer) => `${peer.host}:${peer.port}`).join(' '),
    endpoint: address,
    externalEndpoint: address,
    useLeaderElection: false,
    orgLeader: true,
    membershipTrackerInterval: '2s',
    maxBlockCountToStore: 10,
    maxPropagationBurstLatency: '10ms',
    maxPropagationBurstSize: 10,
    propagateIterations: 1,
    propagatePeerNum: 3,
    pullInterval: '2s',
    pullPeerNum: 3,
    requestStateInfoInterval: '1s',
    publishStateInfoInterval: '1s',
    publishCertPeriod: '10s',
    dialTimeout: '3s',
    connTimeout: '2s',
    recvBuffSize: 20,
    sendBuffSize: 200,
    digestWaitTime: '500ms',
    requestWaitTime: '750ms',
    responseWaitTime: '1s',
    aliveTimeInterval: '1s',
    // How long private values are still sent to a peer that has died, which makes endorsements fail until then.
    aliveExpirationTimeout: '6s',
    reconnectInterval: '2s',
    maxConnectionAttempts: 120,
    msgExpirationFactor: 20,
    pvtData: {
      pullRetryThreshold: '5s',
      transientstoreMaxBlockRetention: 1000,
      pushAckTimeout: '2s',
      btlPullMargin: 10,
      reconcileBatchSize: 10,
      reconcileSleepInterval: '5s',
      reconciliationEnabled: true,
      // Copies of a transaction that a client sends again are invalid, and their private values are gone: without this a
      // peer would hold up the block for seconds to look for them.
      skipPullingInvalidTransactionsDuringCommit: true,
      implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 },
    },
    state: { enabled: false },
  };
}

/** The time window check exists from 3.0 on; an older peer refuses to start with it. */
function handlersConfig(version: string): ConfigTree {
  const timeWindow = version.startsWith('2.') ? [] : [{ name: 'TimeWindowCheck' }];
  return {
    authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }, ...timeWindow],
    decorators: [{ name: 'DefaultDecorator' }],
    endorsers: { escc: { name: 'DefaultEndorsement', library: null } },
    validators: { vscc: { name: 'DefaultValidation', library: null } },
  };
}

function chaincodeConfig(builder: string): ConfigTree {
  return {
    builder: 'unused',
    pull: false,
    externalBuilders: [
      { name: 'ccaas_builder', path: builder, propagateEnvironment: ['CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG'] },
    ],
    installTimeout: '60s',
    startuptimeout: '60s',
    executetimeout: '30s',
    mode: 'net',
    keepalive: 0,
    system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
    logging: { level: 'info', shim: 'warning' },
    runtimeParams: {
      useWriteBatch: true,
      maxSizeWriteBatch: 1000,
      useGetMultipleKeys: true,
      maxSizeGetMultipleKeys: 1000,
    },
  };
}

function ledgerConfig(place: NodePlace): ConfigTree {
  return {
    blockchain: null,
    state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
    history: { enableHistoryDatabase: true },
    pvtdataStore: {
      collElgProcMaxDbBatchSize: 5000,
      collElgProcDbBatchesInterval: 1000,
      deprioritizedDataReconcilerInterval: '60m',
      purgeInterval: 1,
      purgedKeyAuditLogging: true,
    },
    snapshots: { rootDir: join(place.dataDirectory, 'snapshots') },
  };
}

function operationsConfig(listenAddress: string, tls: TlsFiles): ConfigTree {
  return {
    listenAddress,
    tls: {
      enabled: true,
      cert: { file: tls.certificate },
      key: { file: tls.key },
      clientAuthRequired: false,
      clientRootCAs: { files: [tls.authority] },
    },
  };
}
