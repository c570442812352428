import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { nodeFullName, ordererFolders, userFolders, type OrdererNode, type Organization } from '@flexledger/topology';
import { NetworkError } from '../network-error';
import { retryUntil } from './lifecycle';

/** An orderer and the crypto material with which its organisation's administrator reaches it. */
export interface OrdererReference {
  readonly cryptoDirectory: string;
  readonly organization: Organization;
  readonly node: OrdererNode;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const BOUNDARY = 'flexledger-config-block';
const OK = 200;
const CREATED = 201;
const ALREADY_JOINED = 405;
const CALL_TIMEOUT_MS = 5000;
/** Who looks for the leader must not wait for an orderer that hangs. */
const LEADER_TIMEOUT_MS = 1000;

/** Joins an orderer to a channel over its channel participation API; waits until the orderer answers. */
export async function joinOrderer(
  orderer: OrdererReference,
  genesisBlock: Uint8Array,
  deadline: number,
): Promise<void> {
  const head =
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="config-block"; filename="config.block"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), genesisBlock, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  const name = nodeFullName(orderer.organization, orderer.node);
  let answer: Answer = { status: 0, body: '' };
  await retryUntil(deadline, `joining orderer ${name}`, async () => {
    answer = await callOrderer(orderer, {
      method: 'POST',
      port: orderer.node.adminPort,
      path: '/participation/v1/channels',
      headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
      body,
    });
  });
  if (answer.status !== CREATED && answer.status !== ALREADY_JOINED) {
    throw new NetworkError('NETWORK_REFUSED', `orderer ${name} refused to join: ${answer.body}`);
  }
}

/** Waits until one of a channel's orderers says that it is the Raft leader; before that nothing can be ordered. */
export async function waitForLeader(
  orderers: readonly OrdererReference[],
  channelName: string,
  deadline: number,
): Promise<void> {
  await retryUntil(deadline, `a Raft leader for ${channelName}`, async () => {
    const leads = await Promise.all(orderers.map(async (orderer) => leadsChannel(orderer, channelName)));
    if (!leads.includes(true)) {
      throw new NetworkError('NETWORK_NOT_READY', `none of the ${orderers.length} orderers is the leader.`);
    }
  });
}

/** The orderer that says that it leads a channel; those that do not answer do not lead. Undefined while none does. */
export async function findLeader(
  orderers: readonly OrdererReference[],
  channelName: string,
): Promise<OrdererReference | undefined> {
  const leads = await Promise.all(
    orderers.map(async (orderer) => leadsChannel(orderer, channelName, LEADER_TIMEOUT_MS).catch(() => false)),
  );
  return orderers[leads.indexOf(true)];
}

/** How many blocks of a channel an orderer has. @throws NetworkError NETWORK_REFUSED. */
export async function ordererHeight(orderer: OrdererReference, channelName: string): Promise<number> {
  const { status, body } = await callOrderer(orderer, {
    method: 'GET',
    port: orderer.node.adminPort,
    path: `/participation/v1/channels/${channelName}`,
  });
  const answer: unknown = status === OK ? JSON.parse(body) : undefined;
  if (typeof answer === 'object' && answer !== null && 'height' in answer && typeof answer.height === 'number') {
    return answer.height;
  }
  const name = nodeFullName(orderer.organization, orderer.node);
  throw new NetworkError('NETWORK_REFUSED', `orderer ${name} tells no height of ${channelName}: ${body}`);
}

async function leadsChannel(
  orderer: OrdererReference,
  channelName: string,
  timeoutMs = CALL_TIMEOUT_MS,
): Promise<boolean> {
  const { operationsPort } = orderer.node;
  const { body } = await callOrderer(orderer, { method: 'GET', port: operationsPort, path: '/metrics', timeoutMs });
  return body.split('\n').some((line) => line.startsWith(`consensus_etcdraft_is_leader{channel="${channelName}"} 1`));
}

async function callOrderer(orderer: OrdererReference, call: Call): Promise<Answer> {
  const { cryptoDirectory, organization, node } = orderer;
  const client = userFolders(cryptoDirectory, organization, 'Admin').tls;
  const timeout = call.timeoutMs ?? CALL_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method: call.method,
        host: node.host,
        port: call.port,
        path: call.path,
        ...(call.headers === undefined ? {} : { headers: call.headers }),
        servername: nodeFullName(organization, node),
        ca: readFileSync(join(ordererFolders(cryptoDirectory, organization, node).tls, 'ca.crt')),
        cert: readFileSync(join(client, 'client.crt')),
        key: readFileSync(join(client, 'client.key')),
        timeout,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout} ms`)));
    sent.on('error', reject);
    sent.end(call.body);
  });
}
