import { mapped, text, type Codec } from '../decode';
import type { CommandId } from '../ids';

declare const vppIdBrand: unique symbol;
type VppId<Name extends string> = string & { readonly [vppIdBrand]: Name };

/** Names a mandate: the id of the command that granted it. */
export type MandateId = VppId<'Mandate'>;
/** Names a request for a service: the id of the command that made it. */
export type ServiceRequestId = VppId<'ServiceRequest'>;
/** Names a test activation: the id of the command that started it. */
export type TestId = VppId<'Test'>;
/** Names a service of the catalogue, as its publisher calls it. */
export type ServiceId = VppId<'Service'>;

const idText = text(/^[0-9a-hjkmnp-tv-z]{26}$/, '26 lower-case Crockford base32 characters', 26);

/** The codec of an id that is the id of a command. */
export function vppIdCodec<T extends string>(): Codec<T> {
  return mapped(
    idText,
    'an id',
    (value) => value as T,
    (value) => value,
  );
}

export const mandateIdCodec = vppIdCodec<MandateId>();
export const serviceRequestIdCodec = vppIdCodec<ServiceRequestId>();
export const testIdCodec = vppIdCodec<TestId>();
export const serviceIdCodec: Codec<ServiceId> = mapped(
  text(/^[a-z0-9][a-z0-9-]{0,31}$/, 'the id of a service', 32),
  'the id of a service',
  (value) => value as ServiceId,
  (value) => value,
);

/** The id that a command gives to what it makes: its own. */
export function vppIdOf<T extends VppId<string>>(commandId: CommandId): T {
  return commandId as string as T;
}
