import {
  canonicalJson,
  fromBase64Url,
  isJsonObject,
  parseJson,
  seriesNames,
  slot,
  toBase64Url,
  type IntervalValues,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';

/** A proof that does not show what it says, with a stable code. */
export class ProofError extends Error {
  constructor(
    readonly code: keyof typeof PROOF_CODES,
    sentence: string,
  ) {
    super(`${code}: ${sentence}`);
    this.name = 'ProofError';
  }
}

/** Why a proof is refused, in the order in which it is looked at. */
export const PROOF_CODES = {
  PROOF_UNREADABLE: 'the file is no proof',
  PROOF_GENESIS_NOT_TRUSTED: 'it begins with another block 0 than the one that is trusted',
  PROOF_BLOCK_WRONG: 'a block is not signed by the orderers, or its envelopes are not those of its header',
  PROOF_TRANSACTION_WRONG: 'a transaction is not signed by its creator and endorsers',
  PROOF_METER_WRONG: 'no transaction in it registers the meter or records the block of readings',
  PROOF_SIGNATURE_WRONG: 'the block of readings is not signed by the key of its meter',
  PROOF_LEAF_WRONG: 'the values do not open their leaf of the commitment',
  PROOF_TOTAL_WRONG: 'the values do not sum to the total of their quarter hour',
} as const;

/** The proof of the values of one meter in one quarter hour. */
export interface ReadingProof {
  readonly meterId: string;
  readonly interval: IntervalValues;
  /** Opens this leaf of the commitment and no other. */
  readonly leafSalt: Uint8Array;
  /** From the leaf upwards. */
  readonly path: readonly Uint8Array[];
  /** Block 0 and every later configuration up to the block of the reading, in order. */
  readonly configBlocks: readonly Uint8Array[];
  /** The block that has written the meter last, and the one that has written the block of readings. */
  readonly meterBlock: Uint8Array;
  readonly readingBlock: Uint8Array;
}

const FORMAT = 'flexledger-proof 1';

/** The file of a proof: canonical JSON, bytes as base64url, amounts as decimal strings. */
export function encodeProof(proof: ReadingProof): string {
  const values = seriesNames.flatMap((name) => {
    const series = proof.interval[name];
    return series === undefined ? [] : [[name, series.map(String)] as const];
  });
  return canonicalJson({
    format: FORMAT,
    meterId: proof.meterId,
    slot: proof.interval.slot,
    values: Object.fromEntries(values),
    leafSalt: toBase64Url(proof.leafSalt),
    path: proof.path.map(toBase64Url),
    configBlocks: proof.configBlocks.map(toBase64Url),
    meterBlock: toBase64Url(proof.meterBlock),
    readingBlock: toBase64Url(proof.readingBlock),
  });
}

/** Reads a proof. @throws ProofError PROOF_UNREADABLE where the text is not exactly what encodeProof writes */
export function decodeProof(text: string): ReadingProof {
  try {
    const json = parseJson(text);
    if (!isJsonObject(json) || json['format'] !== FORMAT) {
      throw new TypeError(`it has no format "${FORMAT}"`);
    }
    const proof: ReadingProof = {
      meterId: textOf(json['meterId']),
      interval: intervalOf(json),
      leafSalt: bytesOf(json['leafSalt']),
      path: listOf(json['path']).map(bytesOf),
      configBlocks: listOf(json['configBlocks']).map(bytesOf),
      meterBlock: bytesOf(json['meterBlock']),
      readingBlock: bytesOf(json['readingBlock']),
    };
    if (encodeProof(proof) !== text) {
      throw new TypeError('it is not in canonical form');
    }
    return proof;
  } catch (error) {
    throw new ProofError('PROOF_UNREADABLE', error instanceof Error ? error.message : String(error));
  }
}

function intervalOf(json: JsonObject): IntervalValues {
  const { values } = json;
  if (values === undefined || !isJsonObject(values) || typeof json['slot'] !== 'number') {
    throw new TypeError('it has no values of a slot');
  }
  const series = seriesNames.flatMap((name) => {
    const list = values[name];
    return list === undefined ? [] : [[name, listOf(list).map((value) => BigInt(textOf(value)))] as const];
  });
  // Every series keeps its own unit; encoding again shows that the names are those of series.
  return { slot: slot(json['slot']), ...Object.fromEntries(series) } as unknown as IntervalValues;
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== 'string') {
    throw new TypeError('a text is missing');
  }
  return value;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) {
    throw new TypeError('a list is missing');
  }
  return value as readonly JsonValue[];
}

function bytesOf(value: JsonValue | undefined): Uint8Array {
  const bytes = fromBase64Url(textOf(value));
  if (bytes === undefined) {
    throw new TypeError('bytes are not base64url');
  }
  return bytes;
}
