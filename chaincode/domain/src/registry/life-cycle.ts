import { RuleError, type ErrorCode } from '../errors';
import type { JsonObject } from '../json';
import type { DeviceStatus } from './device-types';

/** What can be done to a device. */
export type LifeCycleStep = 'commission' | 'freeze' | 'unfreeze' | 'retire';

/** What a device is: its codes begin with it. */
export type DeviceKind = 'METER' | 'ASSET';

type Reason = 'NOT_COMMISSIONED' | 'ALREADY_COMMISSIONED' | 'FROZEN' | 'NOT_FROZEN' | 'RETIRED';

/** Where each step leads from each status, or why it leads nowhere. */
const transitions = {
  commission: {
    REGISTERED: { status: 'COMMISSIONED' },
    COMMISSIONED: { reason: 'ALREADY_COMMISSIONED' },
    FROZEN: { reason: 'ALREADY_COMMISSIONED' },
    RETIRED: { reason: 'RETIRED' },
  },
  freeze: {
    REGISTERED: { reason: 'NOT_COMMISSIONED' },
    COMMISSIONED: { status: 'FROZEN' },
    FROZEN: { reason: 'FROZEN' },
    RETIRED: { reason: 'RETIRED' },
  },
  unfreeze: {
    REGISTERED: { reason: 'NOT_FROZEN' },
    COMMISSIONED: { reason: 'NOT_FROZEN' },
    FROZEN: { status: 'COMMISSIONED' },
    RETIRED: { reason: 'RETIRED' },
  },
  retire: {
    REGISTERED: { status: 'RETIRED' },
    COMMISSIONED: { status: 'RETIRED' },
    FROZEN: { status: 'RETIRED' },
    RETIRED: { reason: 'RETIRED' },
  },
} as const satisfies Record<
  LifeCycleStep,
  Record<DeviceStatus, { readonly status: DeviceStatus } | { readonly reason: Reason }>
>;

/**
 * The status of a device after a step. Refuses a step that its status does not allow, with the code that names the status:
 * METER_NOT_COMMISSIONED, METER_ALREADY_COMMISSIONED, METER_FROZEN, METER_NOT_FROZEN or METER_RETIRED, and likewise of an asset.
 */
export function statusAfter(
  kind: DeviceKind,
  status: DeviceStatus,
  step: LifeCycleStep,
  details: JsonObject,
): DeviceStatus {
  const transition = transitions[step][status];
  if ('reason' in transition) {
    throw new RuleError(`${kind}_${transition.reason}`, details);
  }
  return transition.status;
}

/** True where a status may follow another by one step. */
export function canFollow(before: DeviceStatus, after: DeviceStatus): boolean {
  return Object.values(transitions).some((from) => {
    const transition = from[before];
    return 'status' in transition && transition.status === after;
  });
}

const refusals = {
  REGISTERED: 'NOT_COMMISSIONED',
  FROZEN: 'FROZEN',
  RETIRED: 'RETIRED',
} as const satisfies Record<Exclude<DeviceStatus, 'COMMISSIONED'>, Reason>;

/** Refuses a device that is not in service, with METER_NOT_COMMISSIONED, METER_FROZEN or METER_RETIRED, and likewise of an asset. */
export function demandInService(kind: DeviceKind, status: DeviceStatus, details: JsonObject): void {
  if (status !== 'COMMISSIONED') {
    const code: ErrorCode = `${kind}_${refusals[status]}`;
    throw new RuleError(code, details);
  }
}
