import { oneOf, type TypeOf } from '../../decode';

/** The kinds of services that a virtual power plant can be asked for. */
export const serviceKinds = [
  'fcr',
  'afrr',
  'mfrr',
  'reactive',
  'wholesale-capacity',
  'wholesale-energy',
  'dso-flexibility',
] as const;
export const serviceKindCodec = oneOf(...serviceKinds);
export type ServiceKind = TypeOf<typeof serviceKindCodec>;
