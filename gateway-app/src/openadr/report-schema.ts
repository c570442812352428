import { z } from 'zod';

/** Values of OPERATING_STATE in the standard's own enumeration. */
const OPERATING_STATES = [
  'NORMAL',
  'ERROR',
  'IDLE_NORMAL',
  'RUNNING_NORMAL',
  'RUNNING_CURTAILED',
  'RUNNING_HEIGHTENED',
  'IDLE_CURTAILED',
  'SGD_ERROR_CONDITION',
  'IDLE_HEIGHTENED',
  'IDLE_OPTED_OUT',
  'RUNNING_OPTED_OUT',
  'AGGREGATED_REPORT',
];
const DATA_QUALITIES = ['OK', 'MISSING', 'ESTIMATED', 'BAD'];

/** Bounds of our own, where the standard has none. */
const RESOURCES_MAX = 64;
const INTERVALS_MAX = 400;
const PAYLOADS_MAX = 16;
const VALUES_MAX = 100;

const shortText = z.string().min(1).max(128);
const time = z.iso.datetime({ offset: true });
const duration = z
  .string()
  .max(64)
  .regex(/^-?P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+[DW])?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/);
const int32 = z
  .number()
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const intervalPeriod = z.object({
  start: time.optional(),
  duration: duration.optional(),
  randomizeStart: duration.optional(),
});
const point = z.object({ x: z.number(), y: z.number() });

type Values = readonly (number | string | boolean | { readonly x: number; readonly y: number })[];

/** What the standard says of the values of the types that mean something here. Types of others' own pass as they are. */
const VALUE_RULES: Readonly<Record<string, { readonly holds: (values: Values) => boolean; readonly says: string }>> = {
  READING: { holds: ([value, ...more]) => typeof value === 'number' && more.length === 0, says: 'one number' },
  USAGE: { holds: isOneAmount, says: 'one number that is not negative' },
  DEMAND: { holds: isOneAmount, says: 'one number that is not negative' },
  EXPORT_USAGE: { holds: isOneAmount, says: 'one number that is not negative' },
  UP_REGULATION_AVAILABLE: { holds: isOneAmount, says: 'one number that is not negative' },
  DOWN_REGULATION_AVAILABLE: { holds: isOneAmount, says: 'one number that is not negative' },
  DATA_QUALITY: { holds: (values) => isOneOf(values, DATA_QUALITIES), says: `one of ${DATA_QUALITIES.join(', ')}` },
  OPERATING_STATE: {
    holds: (values) => isOneOf(values, OPERATING_STATES),
    says: `one of ${OPERATING_STATES.join(', ')}`,
  },
};

function isOneAmount([value, ...more]: Values): boolean {
  return typeof value === 'number' && value >= 0 && more.length === 0;
}

function isOneOf([value, ...more]: Values, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value) && more.length === 0;
}

const payload = z
  .object({ type: shortText, values: z.array(z.union([z.number(), z.string(), z.boolean(), point])).max(VALUES_MAX) })
  .superRefine(({ type, values }, context) => {
    const rule = Object.hasOwn(VALUE_RULES, type) ? VALUE_RULES[type] : undefined;
    if (rule !== undefined && !rule.holds(values)) {
      context.addIssue({ code: 'custom', path: ['values'], message: `${type} has ${rule.says}` });
    }
  });

const interval = z.object({
  id: int32,
  intervalPeriod: intervalPeriod.optional(),
  payloads: z.array(payload).max(PAYLOADS_MAX),
});

const reportDescriptor = z.object({
  objectType: z.literal('REPORT_PAYLOAD_DESCRIPTOR'),
  payloadType: shortText,
  readingType: shortText.nullish(),
  units: shortText.nullish(),
  accuracy: z.number().nullish(),
  confidence: z.number().int().min(0).max(100).nullish(),
});

/** A report as a VEN sends it (`reportRequest` of the standard); members that the standard does not name are left out. */
export const reportRequestSchema = z.object({
  objectType: z.literal('REPORT').optional(),
  eventID: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  clientName: shortText,
  reportName: z.string().max(1_000).nullish(),
  payloadDescriptors: z.array(reportDescriptor).max(PAYLOADS_MAX).nullish(),
  resources: z
    .array(
      z.object({
        resourceName: shortText,
        intervalPeriod: intervalPeriod.optional(),
        intervals: z.array(interval).max(INTERVALS_MAX),
      }),
    )
    .max(RESOURCES_MAX),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;
