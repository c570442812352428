import { oneOf, type TypeOf } from '../decode';

/**
 * What a band moves: active power up (more given or less taken) or down, reactive power taken (inductive) or given (capacitive), always
 * against the baseline.
 */
export const bandDirectionCodec = oneOf('up', 'down', 'inductive', 'capacitive');
export type BandDirection = TypeOf<typeof bandDirectionCodec>;

/** What a service asks for; `symmetric` is as much up as down at the same time. */
export const serviceDirectionCodec = oneOf('up', 'down', 'symmetric', 'inductive', 'capacitive');
export type ServiceDirection = TypeOf<typeof serviceDirectionCodec>;

/** The unit of power of a direction. */
export const powerUnitCodec = oneOf('W', 'var');
export type PowerUnit = TypeOf<typeof powerUnitCodec>;

/** In which unit a direction is measured. */
export function unitOfDirection(direction: ServiceDirection | BandDirection): PowerUnit {
  return direction === 'inductive' || direction === 'capacitive' ? 'var' : 'W';
}

/** The bands that an asset needs for a direction of a service: both for a symmetric one. */
export function bandDirectionsOf(direction: ServiceDirection): readonly BandDirection[] {
  return direction === 'symmetric' ? ['up', 'down'] : [direction];
}
