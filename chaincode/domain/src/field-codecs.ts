import { fromBase64Url } from './base64url';
import { mapped, oneOf, text, type Codec, type TypeOf } from './decode';
import { limits } from './limits';

/** The roles that a certificate may name and that governance gives to organisations. */
export const roles = ['dso', 'tso', 'regulator', 'aggregator', 'market', 'community', 'oracle'] as const;

/** A role in JSON. */
export const roleCodec = oneOf(...roles);

/** What an organisation's app acts as. */
export type Role = TypeOf<typeof roleCodec>;

/** The MSP id of an organisation. */
export const mspIdCodec: Codec<string> = text(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, 'an MSP id', 64);

/** The id of a grid or of an element of it. */
export const elementIdCodec: Codec<string> = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'an element id', 48);

/** The id of a limit of a grid: that of an element, or of a general row, which has a word before the element's. */
export const limitIdCodec: Codec<string> = text(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, 'the id of a limit', 64);

/**
 * Text for people: printable ASCII and the precomposed Latin letters up to U+017F, no space at the ends. Marks that combine,
 * that are invisible or that turn the direction of writing have no place in it, so that two texts that look alike are alike.
 */
export const freeTextCodec: Codec<string> = text(
  /^[!-~\u00a1-\u00ac\u00ae-\u017f](?:[ -~\u00a1-\u00ac\u00ae-\u017f]*[!-~\u00a1-\u00ac\u00ae-\u017f])?$/,
  `printable text of at most ${limits.textCharactersMax} characters`,
  limits.textCharactersMax,
);

/** A value group of an OBIS code: 0 to 255 without leading zeros. */
const obisGroup = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

/** An OBIS code A-B:C.D.E such as 1-0:1.8.0, which names what a register of a meter counts (IEC 62056-61). */
export const obisCodec: Codec<string> = text(
  new RegExp(`^${obisGroup}-${obisGroup}:${obisGroup}\\.${obisGroup}\\.${obisGroup}$`),
  'an OBIS code',
  20,
);

/** Bytes as base64url text that is exactly what its bytes encode to; the decoded value stays text. */
export function bytesCodec(bytesMin: number, bytesMax: number): Codec<string> {
  const charactersMax = Math.ceil((bytesMax * 4) / 3);
  return mapped(
    text(/^[A-Za-z0-9_-]*$/, 'base64url without padding', charactersMax),
    `base64url of ${bytesMin} to ${bytesMax} bytes`,
    (value) => {
      const bytes = fromBase64Url(value);
      return bytes !== undefined && bytes.length >= bytesMin && bytes.length <= bytesMax ? value : undefined;
    },
    (value) => value,
  );
}

/** A SHA-256 digest: 32 bytes, 43 characters. */
export const digestCodec: Codec<string> = bytesCodec(32, 32);
/** A P-256 public key: the 91 bytes of its SPKI DER form. */
export const publicKeyCodec: Codec<string> = bytesCodec(91, 91);
/** A P-256 signature: the 64 bytes r and s (IEEE P1363). Whether it is low S is checked with the signature. */
export const signatureCodec: Codec<string> = bytesCodec(64, 64);
/** A salt of 128 to 256 bits. */
export const saltCodec: Codec<string> = bytesCodec(16, 32);
