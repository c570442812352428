import { mapped, text, type Codec } from '../decode';
import type { CommandId } from '../ids';

declare const flexIdBrand: unique symbol;
type FlexId<Name extends string> = string & { readonly [flexIdBrand]: Name };

/** Names a request for flexibility. */
export type FlexRequestId = FlexId<'FlexRequest'>;
/** Names an offer of flexibility. */
export type FlexOfferId = FlexId<'FlexOffer'>;
/** Names an order of flexibility. */
export type FlexOrderId = FlexId<'FlexOrder'>;

/** 128 bits, as the UUIDs of UFTP's messages have them: of 26 characters of 5 bits the first one is below 8. */
const flexIdText = text(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/, '26 lower-case Crockford base32 characters of 128 bits', 26);

function flexIdCodec<T extends string>(): Codec<T> {
  return mapped(
    flexIdText,
    'an id',
    (value) => value as T,
    (value) => value,
  );
}

export const flexRequestIdCodec = flexIdCodec<FlexRequestId>();
export const flexOfferIdCodec = flexIdCodec<FlexOfferId>();
export const flexOrderIdCodec = flexIdCodec<FlexOrderId>();

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The id that a command gives to what it makes: the command's own id without its first two bits, so that it is a UUID as well. Two commands
 * whose ids differ in these bits alone would collide, which the contract refuses (FLEX_DUPLICATE_IDENTIFIER).
 */
export function flexIdOf<T extends FlexRequestId | FlexOfferId | FlexOrderId>(commandId: CommandId): T {
  const first = alphabet.indexOf(commandId.charAt(0)) % 8;
  return `${alphabet.charAt(first)}${commandId.slice(1)}` as T;
}
