import type { CurveView, SignalView } from './port';
import type { EventPayloadDescriptor, ReportDescriptor, ReportPayloadDescriptor } from './wire';

/**
 * The payload type of ours for power that a connection shall give. The standard's DISPATCH_SETPOINT is a consumption, which its schema does
 * not let be negative (neither DISPATCH_SETPOINT_RELATIVE); direction is in the name here as well.
 */
export const EXPORT_SETPOINT = 'EXPORT_SETPOINT';

/** The payload type of ours for energy that a resource gave: the standard's USAGE is what it took, and must not be negative. */
export const EXPORT_USAGE = 'EXPORT_USAGE';

/** How an event tells what to do. */
export type SignalKind = (SignalView | CurveView)['kind'];

/** In which units the values of a signal are. */
const UNITS: Readonly<Record<SignalKind, string | undefined>> = {
  SIMPLE: undefined,
  DISPATCH_SETPOINT: 'KW',
  IMPORT_CAPACITY_LIMIT: 'KW',
  EXPORT_CAPACITY_LIMIT: 'KW',
  PRICE: 'KWH',
  CURVE: 'KVAR',
};

/** What explains the values of a signal. */
export function eventDescriptors(kind: SignalKind, currency: string): readonly EventPayloadDescriptor[] {
  const units = UNITS[kind];
  const descriptor = (payloadType: string): EventPayloadDescriptor => ({
    objectType: 'EVENT_PAYLOAD_DESCRIPTOR',
    payloadType,
    ...(units === undefined ? {} : { units }),
    ...(kind === 'PRICE' ? { currency } : {}),
  });
  return kind === 'DISPATCH_SETPOINT' ? [descriptor(kind), descriptor(EXPORT_SETPOINT)] : [descriptor(kind)];
}

/** What VENs report in our programmes. */
export const REPORT_DESCRIPTORS: readonly ReportPayloadDescriptor[] = [
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'USAGE', readingType: 'DIRECT_READ', units: 'KWH' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: EXPORT_USAGE, readingType: 'DIRECT_READ', units: 'KWH' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'DEMAND', readingType: 'MEAN', units: 'KW' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'UP_REGULATION_AVAILABLE', units: 'KW' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'DOWN_REGULATION_AVAILABLE', units: 'KW' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'DATA_QUALITY' },
  { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'OPERATING_STATE' },
];

/** What each event asks for: the use in its intervals once they are over, and the state whenever it changes. */
export const REPORTS_WANTED: readonly ReportDescriptor[] = [
  { payloadType: 'USAGE', readingType: 'DIRECT_READ', units: 'KWH' },
  { payloadType: 'OPERATING_STATE', frequency: 0, reportIntervals: 'OPEN_INTERVALS' },
];
