import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { messageOf } from '../errors';
import { portError } from './peer-server';

/** What is wrong, one entry per failed check; empty when healthy. */
export type HealthCheck = () => readonly { readonly component: string; readonly reason: string }[];

/** What the operations service of a peer shows. */
export interface OperationsOptions {
  readonly registry: Registry;
  readonly health: HealthCheck;
  readonly nowMs: () => number;
}

async function answer(options: OperationsOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/metrics') {
    const text = await options.registry.metrics();
    response.writeHead(200, { 'content-type': options.registry.contentType }).end(text);
    return;
  }
  if (request.url !== '/healthz') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found; there are /healthz and /metrics\n');
    return;
  }
  const failed = options.health();
  const body = {
    status: failed.length === 0 ? 'OK' : 'Service Unavailable',
    time: new Date(options.nowMs()).toISOString(),
    ...(failed.length === 0 ? {} : { failed_checks: failed }),
  };
  response.writeHead(failed.length === 0 ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The operations service of one peer: /healthz and /metrics over HTTP on loopback. */
export class OperationsServer {
  private readonly server: Server;

  constructor(options: OperationsOptions) {
    this.server = createServer((request, response) => {
      answer(options, request, response).catch((error: unknown) => {
        response.writeHead(500).end(messageOf(error));
      });
    });
  }

  async start(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => {
        reject(portError(`${host}:${String(port)}`, error));
      });
      this.server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}
