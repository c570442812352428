import { canonicalWire, type WireSchema } from './canonical-wire';

const single = (schema: WireSchema) => ({ single: schema });
const repeated = (schema: WireSchema) => ({ repeated: schema });

const CHAINCODE_ID: WireSchema = { 1: 'text', 2: 'text', 3: 'text' };
const TIMESTAMP: WireSchema = { 1: 'number', 2: 'number' };
const VERSION: WireSchema = { 1: 'number', 2: 'number' };
const KEY_READ: WireSchema = { 1: 'text', 2: single(VERSION) };
const HASHED_READ: WireSchema = { 1: 'bytes', 2: single(VERSION) };
const METADATA_ENTRY: WireSchema = { 1: 'text', 2: 'bytes' };
const RANGE: WireSchema = {
  1: 'text',
  2: 'text',
  3: 'number',
  4: single({ 1: repeated(KEY_READ) }),
  5: single({ 1: 'number', 2: 'number', 3: 'bytes' }),
};
const RESPONSE: WireSchema = { 1: 'number', 2: 'text', 3: 'bytes' };
const ENDORSED_ACTION: WireSchema = { 1: 'bytes', 2: repeated({ 1: 'bytes', 2: 'bytes' }) };
const COLLECTION: WireSchema = { 1: 'text', 2: 'bytes', 3: 'bytes' };

/** The fields of the messages that decide about validity. */
export const SCHEMAS = {
  envelope: { 1: 'bytes', 2: 'bytes' },
  payload: { 1: single({ 1: 'bytes', 2: 'bytes' }), 2: 'bytes' },
  channelHeader: {
    1: 'number',
    2: 'number',
    3: single(TIMESTAMP),
    4: 'text',
    5: 'text',
    6: 'number',
    7: 'bytes',
    8: 'bytes',
  },
  signatureHeader: { 1: 'bytes', 2: 'bytes' },
  headerExtension: { 2: single(CHAINCODE_ID) },
  transaction: { 1: repeated({ 1: 'bytes', 2: 'bytes' }) },
  actionPayload: { 1: 'bytes', 2: single(ENDORSED_ACTION) },
  responsePayload: { 1: 'bytes', 2: 'bytes' },
  chaincodeAction: { 1: 'bytes', 2: 'bytes', 3: single(RESPONSE), 4: single(CHAINCODE_ID), 5: 'bytes' },
  chaincodeEvent: { 1: 'text', 2: 'text', 3: 'text', 4: 'bytes' },
  serializedIdentity: { 1: 'text', 2: 'bytes' },
  readWriteSet: { 1: 'number', 2: repeated({ 1: 'text', 2: 'bytes', 3: repeated(COLLECTION) }) },
  keyValueSet: {
    1: repeated(KEY_READ),
    2: repeated(RANGE),
    3: repeated({ 1: 'text', 2: 'number', 3: 'bytes' }),
    4: repeated({ 1: 'text', 2: repeated(METADATA_ENTRY) }),
  },
  hashedSet: {
    1: repeated(HASHED_READ),
    2: repeated({ 1: 'bytes', 2: 'number', 3: 'bytes', 4: 'number' }),
    3: repeated({ 1: 'bytes', 2: repeated(METADATA_ENTRY) }),
  },
  privateSet: { 1: 'number', 2: repeated({ 1: 'text', 2: repeated({ 1: 'text', 2: 'bytes' }) }) },
} as const satisfies Readonly<Record<string, WireSchema>>;

/** Decodes the bytes with the message's class, as Go would decode them; throws where Go refuses them. */
export function decodeStrict<T>(
  schema: keyof typeof SCHEMAS,
  message: { deserializeBinary(bytes: Uint8Array): T },
  bytes: Uint8Array,
): T {
  return message.deserializeBinary(canonicalWire(bytes, SCHEMAS[schema]));
}
