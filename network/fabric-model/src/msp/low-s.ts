import { NO_BYTES } from '../common/bytes';
import { DER, readElements, readOne, writeElement, writeUnsigned, type DerElement } from '../common/der';
import { FabricModelError, messageOf } from '../common/errors';

/** Order of the curve P-256 (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER / 2n;

interface Signature {
  readonly r: bigint;
  readonly s: bigint;
}

function toBigint(content: Uint8Array): bigint {
  return content.length === 0 ? 0n : BigInt(`0x${Buffer.from(content).toString('hex')}`);
}

/** A positive INTEGER without superfluous leading zeros. */
function strictInteger(element: DerElement | undefined): bigint {
  const content = element?.content ?? NO_BYTES;
  const [first = 0x80, second = 0x80] = content;
  const padded = first === 0 && second < 0x80;
  if (element?.tag !== DER.integer || first >= 0x80 || padded) {
    throw new FabricModelError(
      'SIGNATURE_MALFORMED',
      'A signature is not two positive integers in distinguished form.',
    );
  }
  return toBigint(content);
}

function parse(signature: Uint8Array): Signature {
  try {
    const elements = readElements(readOne(signature, DER.sequence).content);
    if (elements.length !== 2) {
      throw new FabricModelError('SIGNATURE_MALFORMED', 'A signature does not have two integers.');
    }
    return { r: strictInteger(elements[0]), s: strictInteger(elements[1]) };
  } catch (error) {
    throw new FabricModelError('SIGNATURE_MALFORMED', `The signature cannot be read (${messageOf(error)}).`, error);
  }
}

function bigintBytes(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** True when the DER signature is in the lower half, the only form Fabric accepts; false for anything unreadable. */
export function isLowS(derSignature: Uint8Array): boolean {
  try {
    const { r, s } = parse(derSignature);
    return r > 0n && s > 0n && s <= HALF_ORDER;
  } catch {
    return false;
  }
}

/** The same P-256 signature in the lower half; throws SIGNATURE_MALFORMED. */
export function toLowS(derSignature: Uint8Array): Uint8Array {
  const { r, s } = parse(derSignature);
  if (s <= HALF_ORDER) {
    return derSignature;
  }
  return writeElement(DER.sequence, writeUnsigned(bigintBytes(r)), writeUnsigned(bigintBytes(ORDER - s)));
}
