import { toBase64Url } from '../base64url';
import { integer, object, type TypeOf } from '../decode';
import { bytesCodec, digestCodec, signatureCodec } from '../field-codecs';
import { meterIdCodec } from '../ids';
import { slotCodec } from '../time';
import { packSigned } from './packed-head';
import type { Reading, SignedBlockPart } from './types';

/** One block with everything that its signature is checked with; no value and no salt is in it. */
const signedEvidenceCodec = object({
  startSlot: slotCodec,
  link: digestCodec,
  /** The signed part, packed (docs/metering.md). */
  signed: bytesCodec(1, 4_096),
  signature: signatureCodec,
});

/** Two different blocks that a key of the meter has signed under one number: somebody else has the key. */
export const cloneCodec = object({
  meterId: meterIdCodec,
  sequence: integer(1, 9_999_999_999),
  /** The block that came first and stands in the chain. */
  recorded: signedEvidenceCodec,
  /** The one that came later. */
  other: signedEvidenceCodec,
});
export type Clone = TypeOf<typeof cloneCodec>;

/** A block of which only what its meter signed counts. */
type Signed = SignedBlockPart & Pick<Reading, 'link' | 'signature'>;

/** The evidence of a clone. */
export function cloneOf(recorded: Reading, other: Signed): Clone {
  const { meterId, sequence } = other;
  return { meterId, sequence, recorded: evidenceOf(recorded), other: evidenceOf(other) };
}

function evidenceOf(block: Signed): Clone['other'] {
  const { link, signature, startSlot } = block;
  return { startSlot, link, signed: toBase64Url(packSigned(block)), signature };
}
