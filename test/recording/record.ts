/**
 * Records the blocks of a short run on real Fabric, from the root of the project:
 * `node test/dist/recording/record.js 3.1` (or 2.5). Needs Fabric's binaries; see test/vectors/fabric-blocks/README.md.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { findOrganization, loadTopology, organizationMspFolder, revokeIdentity } from '@flexledger/topology';
import { encodeBlock, envelopesOf, headerOf } from '@flexledger/fabric-model';
import { openParty, type Party } from '../conformance/support/party';
import { signatoryOf, type Signatory } from './forge';
import { playScenes } from './scenes';

const TOPOLOGY_FILE = join('test', 'recording', 'topology.yaml');
const VECTORS_FOLDER = join('test', 'vectors', 'fabric-blocks');

/** Certificate and key of a peer (`peers`, `peer0.DOMAIN`) or user (`users`, `NAME@DOMAIN`) of an organisation. */
function keysOf(handle: NetworkHandle, organization: string, name: string): Signatory {
  const domain = `${organization.toLowerCase()}.recording.example`;
  const home = join(handle.cryptoDirectory, 'organizations', 'peerOrganizations', domain);
  const folder = name === 'peer0' ? join('peers', `peer0.${domain}`) : join('users', `${name}@${domain}`);
  return signatoryOf(`${organization}MSP`, join(home, folder, 'msp'));
}

/** Revokes the certificate of a user of organisation Two; gives the organisation's revocation list. */
async function revokeLeaver({ cryptoDirectory }: NetworkHandle): Promise<Uint8Array> {
  const organization = findOrganization(loadTopology(TOPOLOGY_FILE), 'Two');
  await revokeIdentity(organization, cryptoDirectory, 'leaver');
  const lists = join(organizationMspFolder(cryptoDirectory, organization), 'crls');
  return readFileSync(join(lists, readdirSync(lists)[0] ?? ''));
}

function threeOf<T>(make: (organization: string) => T): [T, T, T] {
  return [make('One'), make('Two'), make('Three')];
}

/** Every block up to this one, as length-prefixed bytes. */
async function download(party: Party, last: bigint): Promise<Buffer[]> {
  const stream = await party.network.getBlockEvents({ startBlock: 0n });
  const parts: Buffer[] = [];
  for await (const block of stream) {
    const bytes = encodeBlock(block);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, Buffer.from(bytes));
    process.stdout.write(`block ${headerOf(block).getNumber()}: ${envelopesOf(block).length} transactions\n`);
    if (BigInt(headerOf(block).getNumber()) >= last) {
      break;
    }
  }
  stream.close();
  return parts;
}

/** Brotli with a window over the whole recording: certificates come again in every transaction. */
function compress(bytes: Buffer): Buffer {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_WINDOW_BITS } = constants;
  return brotliCompressSync(bytes, {
    params: { [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS, [BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

async function record(release: '3.1' | '2.5'): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-recording-'));
  const handle = await openNetwork({
    mode: 'native',
    topologyFile: TOPOLOGY_FILE,
    dataDirectory,
    release,
    progress: (line) => process.stdout.write(`${line}\n`),
  });
  const parties = threeOf((organization) => openParty(handle, organization));
  const admins = threeOf((name) => openParty(handle, name, handle.identity(name, 'Admin')));
  try {
    const [one, two, three] = parties;
    const last = await playScenes({
      one,
      two,
      three,
      client: keysOf(handle, 'One', 'user'),
      peers: threeOf((organization) => keysOf(handle, organization, 'peer0')),
      admins,
      adminKeys: threeOf((organization) => keysOf(handle, organization, 'Admin')),
      leaver: keysOf(handle, 'Two', 'leaver'),
      revokeLeaver: () => revokeLeaver(handle),
      channelId: handle.channelName,
    });
    const name = `${handle.description.toLowerCase().replace(' ', '-')}.blocks.br`;
    writeFileSync(join(VECTORS_FOLDER, name), compress(Buffer.concat(await download(one, last))));
    process.stdout.write(`${name}\n`);
  } finally {
    [...parties, ...admins].forEach((party) => {
      party.close();
    });
    await handle.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const [, , release] = process.argv;
if (release !== '3.1' && release !== '2.5') {
  throw new Error('expected 3.1 or 2.5');
}
void record(release);
