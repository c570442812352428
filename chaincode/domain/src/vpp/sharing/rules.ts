import { oneOf, type TypeOf } from '../../decode';

/** By which rule members share what their coalition has earned. */
export const sharingRules = ['pro-rata', 'shapley', 'nucleolus'] as const;
export const sharingRuleCodec = oneOf(...sharingRules);
export type SharingRule = TypeOf<typeof sharingRuleCodec>;
