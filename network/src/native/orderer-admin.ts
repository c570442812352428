import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { nodeFullName, ordererFolders, userFolders, type OrdererNode, type Organization } from '@flexledger/topology';
import { messageOf, NetworkError } from '../network-error.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

const BOUNDARY = 'flexledger-config-block';
const CREATED = 201;
const ALREADY_JOINED = 405;
const RETRY_MS = 150;

/** Joins an orderer to a channel over its channel participation API; waits until the orderer answers. */
export async function joinOrderer(
  cryptoDirectory: string,
  organization: Organization,
  node: OrdererNode,
  genesisBlock: Uint8Array,
  timeoutMs: number,
): Promise<void> {
  const body = Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="config-block"; filename="config.block"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n',
    ),
    genesisBlock,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
  const answer = await sendUntilAnswered(cryptoDirectory, organization, node, body, Date.now() + timeoutMs);
  if (answer.status !== CREATED && answer.status !== ALREADY_JOINED) {
    throw new NetworkError(
      'NETWORK_REFUSED',
      `orderer ${node.name}.${organization.domain} refused to join: ${answer.body}`,
    );
  }
}

async function sendUntilAnswered(
  cryptoDirectory: string,
  organization: Organization,
  node: OrdererNode,
  body: Buffer,
  deadline: number,
): Promise<Answer> {
  for (;;) {
    try {
      return await send(cryptoDirectory, organization, node, body);
    } catch (error) {
      if (Date.now() > deadline) {
        throw new NetworkError(
          'NETWORK_NOT_READY',
          `orderer ${node.name}.${organization.domain} does not answer on ${node.host}:${node.adminPort}: ${messageOf(error)}.`,
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function send(
  cryptoDirectory: string,
  organization: Organization,
  node: OrdererNode,
  body: Buffer,
): Promise<Answer> {
  const client = userFolders(cryptoDirectory, organization, 'Admin').tls;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        method: 'POST',
        host: node.host,
        port: node.adminPort,
        servername: nodeFullName(organization, node),
        path: '/participation/v1/channels',
        headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
        ca: readFileSync(join(ordererFolders(cryptoDirectory, organization, node).tls, 'ca.crt')),
        cert: readFileSync(join(client, 'client.crt')),
        key: readFileSync(join(client, 'client.key')),
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
    call.on('error', reject);
    call.end(body);
  });
}
