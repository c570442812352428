import type { ComposeImages, HealthCheck, Template, TemplateName } from './compose-types';

interface Limits {
  readonly cpus: string;
  readonly memory: string;
  readonly pids: number;
}

/** The user `node` of the Node image; any number would do for the nodes, whose images know no user but root. */
const USER = '1000:1000';
const LEVEL = 'info:gossip=warning:grpc=error:comm.grpc.server=warning';
const PROBE = { interval: '5s', timeout: '5s', retries: 24, start_period: '5s' };

/**
 * What the containers of one kind share: an image, a user that is not root, nothing writable but volumes and a small
 * /tmp, no capability, no way to gain one, and limits.
 */
export function templates(images: ComposeImages): Readonly<Record<TemplateName, Template>> {
  return {
    'one-shot': {
      ...ownImage(images.application),
      ...hardened({ cpus: '1.0', memory: '512M', pids: 100 }),
      restart: 'no',
    },
    orderer: {
      image: images.orderer,
      ...hardened({ cpus: '1.0', memory: '512M', pids: 500 }),
      restart: 'unless-stopped',
      environment: { FABRIC_CFG_PATH: '/etc/hyperledger/fabric', FABRIC_LOGGING_SPEC: LEVEL },
    },
    peer: {
      image: images.peer,
      ...hardened({ cpus: '1.0', memory: '1024M', pids: 500 }),
      restart: 'unless-stopped',
      environment: { FABRIC_CFG_PATH: '/etc/hyperledger/fabric', FABRIC_LOGGING_SPEC: LEVEL },
    },
    chaincode: {
      ...ownImage(images.chaincode),
      ...hardened({ cpus: '1.0', memory: '512M', pids: 100 }),
      restart: 'unless-stopped',
    },
    application: {
      ...ownImage(images.application),
      ...hardened({ cpus: '1.0', memory: '512M', pids: 100 }),
      restart: 'unless-stopped',
    },
  };
}

/** Images that are built here are never looked for in a registry, where somebody else could offer one of that name. */
function ownImage(image: string): Template {
  return { image, pull_policy: 'never' };
}

/** Asks a node, inside of its container, whether it is healthy: `GET /healthz` of its operations service must answer 200. */
export function healthzProbe(operationsPort: number): HealthCheck {
  const connect = `exec 3<>/dev/tcp/127.0.0.1/${operationsPort}`;
  const ask = `printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3`;
  const script = `${connect} && ${ask} && read -r _ status _ <&3 && [ "$$status" = 200 ]`;
  return { test: ['CMD', '/bin/bash', '-c', script], ...PROBE };
}

/** Looks in the kernel's table whether the program listens on a port. */
export function listeningProbe(port: number): HealthCheck {
  return tableProbe(`:${hexadecimal(port)} 0{8}:0000 0A `);
}

/** Looks in the kernel's table whether the program has an open connection to a port of one of these, its peers. */
export function connectedProbe(ports: readonly number[]): HealthCheck {
  return tableProbe(`:(${ports.map(hexadecimal).join('|')}) 01 `);
}

function tableProbe(pattern: string): HealthCheck {
  return { test: ['CMD', 'grep', '-qE', pattern, '/proc/net/tcp'], ...PROBE };
}

function hexadecimal(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function hardened(limits: Limits): Template {
  return {
    user: USER,
    init: true,
    read_only: true,
    tmpfs: ['/tmp:size=64m,mode=1777'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    deploy: { resources: { limits } },
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
  };
}
