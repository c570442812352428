import { checkWire, type WireSchema } from './wire-check';

const CHAINCODE_ID: WireSchema = { 1: 'text', 2: 'text', 3: 'text' };
const TIMESTAMP: WireSchema = {};
const VERSION: WireSchema = {};
const KEY_READ: WireSchema = { 1: 'text', 2: VERSION };
const HASHED_READ: WireSchema = { 1: 'bytes', 2: VERSION };
const METADATA_ENTRY: WireSchema = { 1: 'text', 2: 'bytes' };
const RANGE: WireSchema = { 1: 'text', 2: 'text', 4: { 1: KEY_READ }, 5: { 3: 'bytes' } };

/** Where text and messages stand in the messages that decide about validity. */
export const SCHEMAS = {
  envelope: { 1: 'bytes', 2: 'bytes' },
  payload: { 1: { 1: 'bytes', 2: 'bytes' }, 2: 'bytes' },
  channelHeader: { 3: TIMESTAMP, 4: 'text', 5: 'text', 7: 'bytes', 8: 'bytes' },
  signatureHeader: { 1: 'bytes', 2: 'bytes' },
  headerExtension: { 2: CHAINCODE_ID },
  transaction: { 1: { 1: 'bytes', 2: 'bytes' } },
  actionPayload: { 1: 'bytes', 2: { 1: 'bytes', 2: { 1: 'bytes', 2: 'bytes' } } },
  responsePayload: { 1: 'bytes', 2: 'bytes' },
  chaincodeAction: { 1: 'bytes', 2: 'bytes', 3: { 2: 'text', 3: 'bytes' }, 4: CHAINCODE_ID, 5: 'bytes' },
  chaincodeEvent: { 1: 'text', 2: 'text', 3: 'text', 4: 'bytes' },
  serializedIdentity: { 1: 'text', 2: 'bytes' },
  readWriteSet: { 2: { 1: 'text', 2: 'bytes', 3: { 1: 'text', 2: 'bytes', 3: 'bytes' } } },
  keyValueSet: {
    1: KEY_READ,
    2: RANGE,
    3: { 1: 'text', 3: 'bytes' },
    4: { 1: 'text', 2: METADATA_ENTRY },
  },
  hashedSet: {
    1: HASHED_READ,
    2: { 1: 'bytes', 3: 'bytes' },
    3: { 1: 'bytes', 2: METADATA_ENTRY },
  },
  privateSet: { 2: { 1: 'text', 2: { 1: 'text', 2: 'bytes' } } },
} as const satisfies Readonly<Record<string, WireSchema>>;

/** Checks the bytes against the schema and decodes them with the message's class; throws on either. */
export function decodeStrict<T>(
  schema: keyof typeof SCHEMAS,
  message: { deserializeBinary(bytes: Uint8Array): T },
  bytes: Uint8Array,
): T {
  checkWire(bytes, SCHEMAS[schema]);
  return message.deserializeBinary(bytes);
}
