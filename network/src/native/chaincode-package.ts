import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chaincodeAddress,
  chaincodeClientFolder,
  type Chaincode,
  type Channel,
  type Organization,
  type PeerNode,
  type Topology,
} from '@flexledger/topology';
import { tarGzip } from './tar-archive';

/** A chaincode package as peers install it. */
export interface ChaincodePackage {
  /** `label:sha256`, the same in every organisation. */
  readonly packageId: string;
  readonly bytes: Uint8Array;
}

/** The values that Fabric's chaincode-as-a-service builder fills into connection.json. */
type Field = 'address' | 'address_even' | 'root_cert' | 'client_key' | 'client_cert';

/**
 * The package of a chaincode that runs as a service. Its connection.json is a template that each peer's builder fills from
 * CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG, so that one package, without any key or address, serves all organisations. The
 * packages of a definition and of the next one lead to different ports.
 */
export function createChaincodePackage(chaincode: Chaincode): ChaincodePackage {
  const label = `${chaincode.name}_${chaincode.version}`.replace(/[^a-zA-Z0-9_.+-]/g, '_');
  const template = (field: Field): string => `{{index . "${chaincode.name}" "${field}"}}`;
  const connection = {
    // A peer's builder knows both addresses from the peer's start on, so that an upgrade needs no restart of peers.
    address: template(chaincode.sequence % 2 === 0 ? 'address_even' : 'address'),
    dial_timeout: '10s',
    tls_required: chaincode.service.tls,
    client_auth_required: chaincode.service.tls,
    ...(chaincode.service.tls
      ? {
          root_cert: template('root_cert'),
          client_key: template('client_key'),
          client_cert: template('client_cert'),
        }
      : {}),
  };
  const code = tarGzip([{ name: 'connection.json', content: jsonBytes(connection) }]);
  const bytes = tarGzip([
    { name: 'metadata.json', content: jsonBytes({ type: 'ccaas', label }) },
    { name: 'code.tar.gz', content: code },
  ]);
  return { packageId: `${label}:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

/** The value of CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG for one peer: per chaincode its address and the peer's TLS material. */
export function builderConfig(
  topology: Topology,
  organization: Organization,
  node: PeerNode,
  channels: readonly Channel[],
  cryptoDirectory: string,
): string {
  const folder = chaincodeClientFolder(cryptoDirectory, organization, node);
  const tls = {
    root_cert: readFileSync(join(folder, 'ca.crt'), 'utf8'),
    client_key: readFileSync(join(folder, 'client.key'), 'utf8'),
    client_cert: readFileSync(join(folder, 'client.crt'), 'utf8'),
  };
  const entries = channels.flatMap((channel) =>
    channel.chaincodes.map((chaincode) => [
      chaincode.name,
      {
        address: chaincodeAddress(topology, organization, chaincode.name, 1),
        address_even: chaincodeAddress(topology, organization, chaincode.name, 2),
        ...(chaincode.service.tls ? tls : {}),
      },
    ]),
  );
  return JSON.stringify(Object.fromEntries(entries));
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
