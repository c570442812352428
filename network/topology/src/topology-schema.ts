import { z } from 'zod';

/** The shape of a topology file: types, ranges and name patterns. What depends on two places stands in check-topology.ts. */
const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,62}$/, 'must be letters, digits and "-", starting with a letter');
const domain = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
    'must be a lower-case DNS domain such as tso.example',
  );
const mspId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be letters, digits, "." and "-"');
const channelName = z.string().regex(/^[a-z][a-z0-9.-]{0,248}$/, 'must be lower-case letters, digits, "." and "-"');
const chaincodeName = z
  .string()
  .regex(/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/, 'must be letters and digits joined by "-" or "_"');
const version = z.string().regex(/^[A-Za-z0-9_.+-]+$/, 'must be letters, digits, "_", ".", "+" and "-"');
const port = z.int('must be a whole number').min(1024, 'must be 1024 or more').max(65535, 'must be 65535 or less');
const host = z.string().min(1).default('127.0.0.1');
const text = z.string();
const textRecord = z.record(z.string().min(1), text);

const peerNode = z.strictObject({ name, host, port, operationsPort: port, chaincodeListenPort: port });
const ordererNode = z.strictObject({ name, host, port, adminPort: port, operationsPort: port });
const identity = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, ".", "_" and "-"'),
  type: z.enum(['client', 'admin']).default('client'),
  attributes: textRecord.default({}),
});

const application = z.strictObject({ name, identity: z.string().min(1), command: z.array(z.string().min(1)).min(1) });

const organization = z.strictObject({
  name,
  mspId,
  domain,
  peers: z.array(peerNode).default([]),
  orderers: z.array(ordererNode).default([]),
  identities: z.array(identity).default([]),
  applications: z.array(application).default([]),
  chaincodePortBase: port,
});

const MEBIBYTE = 1024 * 1024;
const batch = z.strictObject({
  timeoutMs: z.int().min(1, 'must be at least 1 ms').default(2000),
  messagesMax: z.int().min(1).default(500),
  preferredBytes: z
    .int()
    .min(1)
    .default(2 * MEBIBYTE),
  absoluteBytes: z
    .int()
    .min(1)
    .max(49 * MEBIBYTE, 'Fabric advises at most 49 MiB')
    .default(10 * MEBIBYTE),
});

const collection = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/, 'must be letters, digits, "-" and "_"'),
  policy: z.string().min(1),
  requiredPeerCount: z.int().min(0).default(0),
  maxPeerCount: z.int().min(0).default(1),
  blockToLive: z.int().min(0).default(0),
  memberOnlyRead: z.boolean().default(true),
  memberOnlyWrite: z.boolean().default(true),
  endorsementPolicy: text.default(''),
});

const service = z.strictObject({
  kind: z.enum(['command', 'external', 'peer']),
  command: z.array(z.string().min(1)).default([]),
  workingDirectory: text.default('.'),
  environment: textRecord.default({}),
  addresses: z.record(z.string(), z.string().regex(/^[^\s:]+:[0-9]{1,5}$/, 'must be host:port')).default({}),
  tls: z.boolean().default(true),
});

const chaincode = z.strictObject({
  name: chaincodeName,
  version,
  sequence: z.int().min(1).default(1),
  endorsementPolicy: text.default(''),
  collections: z.array(collection).default([]),
  service,
});

const channel = z.strictObject({
  name: channelName,
  ordererOrganizations: z.array(name).min(1, 'a channel needs an organisation that orders'),
  memberOrganizations: z.array(name).min(1, 'a channel needs a member organisation'),
  batch: batch.prefault({}),
  chaincodes: z.array(chaincode).default([]),
});

/** Decodes a topology document; fills in the documented defaults; refuses unknown fields. */
export const topologySchema = z.strictObject({
  format: z.literal(1),
  name,
  organizations: z.array(organization).min(1, 'a network needs an organisation'),
  channels: z.array(channel).default([]),
});
