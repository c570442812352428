import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  chaincodeAddress,
  chaincodeClientFolder,
  chaincodeServerFolder,
  findOrganization,
  type Chaincode,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { DevnetError } from '../errors';
import type { Log } from '../logger';
import { SupervisedProcess, type ProcessListener, type ProcessSpec } from './process';
import { ChaincodeService, type DialTarget } from './service';
import type { ChaincodeLimits } from './state-requests';

/** What the host needs to know of the network around it. */
export interface HostOptions {
  readonly topology: Topology;
  /** Folder of the topology file; working directories are relative to it. */
  readonly topologyFolder: string;
  readonly cryptoFolder: string;
  readonly logFolder: string;
  readonly limits: ChaincodeLimits;
  readonly listener: ProcessListener;
  readonly log: Log;
}

/**
 * Each organisation's chaincode runs with another time zone and locale, so that a contract that depends on either is
 * found out by differing results.
 */
const strangeZones = [
  'UTC',
  'Pacific/Kiritimati',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Pacific/Marquesas',
  'Africa/Tunis',
];
const strangeLocales = ['C', 'tr_TR.UTF-8', 'de_DE.UTF-8', 'ar_EG.UTF-8', 'sv_SE.UTF-8', 'ja_JP.UTF-8'];

/** The id under which a chaincode registers: label and digest, as a package id of Fabric looks. */
export function chaincodeIdOf(chaincode: Chaincode): string {
  const label = `${chaincode.name}_${chaincode.version}`;
  const digest = createHash('sha256')
    .update(JSON.stringify([chaincode.name, chaincode.version]))
    .digest('hex');
  return `${label}:${digest}`;
}

/** All chaincode of the network: one process and one connection per organisation and chaincode, shared by its channels. */
export class ChaincodeHost {
  private readonly services = new Map<string, ChaincodeService>();
  private readonly processes: SupervisedProcess[] = [];

  constructor(private readonly options: HostOptions) {
    for (const channel of options.topology.channels) {
      for (const chaincode of channel.chaincodes) {
        channel.memberOrganizations.forEach((name) => {
          this.add(chaincode, findOrganization(options.topology, name));
        });
      }
    }
  }

  /** The connection of an organisation to a chaincode, or undefined when the organisation does not run it. */
  service(mspId: string, chaincodeName: string): ChaincodeService | undefined {
    return this.services.get(serviceKey(mspId, chaincodeName));
  }

  /** The service that chaincode with this id, dialling this organisation's peer, belongs to. */
  serviceById(mspId: string, chaincodeId: string): ChaincodeService | undefined {
    return [...this.services].find(
      ([key, service]) => key.startsWith(`${mspId}\u0000`) && service.chaincodeId === chaincodeId,
    )?.[1];
  }

  start(): void {
    for (const process of this.processes) process.start();
    for (const service of this.services.values()) service.start();
  }

  /** Waits until every chaincode that this process starts is connected. @throws DevnetError DEVNET_CHAINCODE_FAILED. */
  async ready(timeoutMs: number): Promise<void> {
    const started = [...this.services].filter(([key]) => this.isStartedHere(key));
    const states = await Promise.all(
      started.map(async ([key, service]) => ({ key, isReady: await service.ready(timeoutMs) })),
    );
    const late = states.filter(({ isReady }) => !isReady).map(({ key }) => key.split('\u0000').join('/'));
    if (late.length === 0) return;
    throw new DevnetError(
      'DEVNET_CHAINCODE_FAILED',
      `chaincode does not answer (${late.join(', ')}); its output is in ${this.options.logFolder}`,
    );
  }

  /** Names of the chaincode, with its organisation's MSP id, that is not connected now. */
  unready(): readonly string[] {
    const unready = [...this.services].filter(([key, { isReady }]) => !isReady && this.isStartedHere(key));
    return unready.map(([key]) => key.split('\u0000').reverse().join(' of '));
  }

  /** How many chaincode processes were started again after they ended. */
  get restarts(): number {
    return this.processes.reduce((sum, { restarts }) => sum + restarts, 0);
  }

  async stop(): Promise<void> {
    for (const service of this.services.values()) service.stop();
    await Promise.all(this.processes.map(async (process) => process.stop()));
  }

  private isStartedHere(key: string): boolean {
    const [, chaincodeName] = key.split('\u0000');
    const all = this.options.topology.channels.flatMap(({ chaincodes }) => chaincodes);
    const service = all.find(({ name }) => name === chaincodeName)?.service;
    return service !== undefined && service.kind !== 'external' && service.command.length > 0;
  }

  private add(chaincode: Chaincode, organization: Organization): void {
    const { limits, log, logFolder, topologyFolder } = this.options;
    const key = serviceKey(organization.mspId, chaincode.name);
    if (organization.peers.length === 0 || this.services.has(key)) return;
    const id = chaincodeIdOf(chaincode);
    const { service } = chaincode;
    const target = service.kind === 'peer' ? undefined : this.target(chaincode, organization);
    this.services.set(key, new ChaincodeService(chaincode.name, id, target, limits, log));
    if (service.kind === 'external' || service.command.length === 0) return;
    mkdirSync(logFolder, { recursive: true });
    const spec: ProcessSpec = {
      name: `${chaincode.name} of ${organization.name}`,
      command: service.command,
      workingDirectory: resolve(topologyFolder, service.workingDirectory),
      environment: this.environment(id, chaincode, organization),
      logFile: join(logFolder, `chaincode-${chaincode.name}-${organization.name}.log`),
    };
    this.processes.push(new SupervisedProcess(spec, this.options.listener, log));
  }

  private target(chaincode: Chaincode, organization: Organization): DialTarget {
    const address = chaincodeAddress(this.options.topology, organization, chaincode.name);
    const [peer] = organization.peers;
    if (!chaincode.service.tls || peer === undefined) return { address, tls: undefined };
    const client = chaincodeClientFolder(this.options.cryptoFolder, organization, peer);
    return {
      address,
      tls: {
        rootCertificate: readFileSync(join(client, 'ca.crt')),
        clientKey: readFileSync(join(client, 'client.key')),
        clientCertificate: readFileSync(join(client, 'client.crt')),
        serverName: `chaincode.${organization.domain}`,
      },
    };
  }

  private environment(id: string, chaincode: Chaincode, organization: Organization): Record<string, string> {
    const index = this.options.topology.organizations.indexOf(organization);
    const [peer] = organization.peers;
    const peerAddress = peer === undefined ? '' : `${peer.host}:${String(peer.chaincodeListenPort)}`;
    return {
      TZ: strangeZones[index % strangeZones.length] ?? 'UTC',
      LANG: strangeLocales[index % strangeLocales.length] ?? 'C',
      CHAINCODE_ID: id,
      CORE_CHAINCODE_ID_NAME: id,
      CORE_PEER_LOCALMSPID: organization.mspId,
      ...(chaincode.service.kind === 'peer'
        ? { CORE_PEER_ADDRESS: peerAddress, CORE_PEER_TLS_ENABLED: 'false' }
        : { CHAINCODE_SERVER_ADDRESS: chaincodeAddress(this.options.topology, organization, chaincode.name) }),
      ...this.tlsEnvironment(chaincode, organization),
      ...chaincode.service.environment,
    };
  }

  private tlsEnvironment(chaincode: Chaincode, organization: Organization): Record<string, string> {
    if (!chaincode.service.tls) return { CHAINCODE_TLS_DISABLED: 'true' };
    const folder = chaincodeServerFolder(this.options.cryptoFolder, organization);
    const [key, certificate, clientAuthority] = ['server.key', 'server.crt', 'ca.crt'].map((name) =>
      join(folder, name),
    );
    // The first names are those of the Node shim's own server command, the second ones of Fabric's samples.
    return {
      CHAINCODE_TLS_DISABLED: 'false',
      CHAINCODE_TLS_KEY_FILE: key ?? '',
      CHAINCODE_TLS_CERT_FILE: certificate ?? '',
      CHAINCODE_TLS_CLIENT_CACERT_FILE: clientAuthority ?? '',
      CHAINCODE_TLS_KEY: key ?? '',
      CHAINCODE_TLS_CERT: certificate ?? '',
      CHAINCODE_CLIENT_CA_CERT: clientAuthority ?? '',
    };
  }
}

function serviceKey(mspId: string, chaincodeName: string): string {
  return `${mspId}\u0000${chaincodeName}`;
}
