import { z } from 'zod';

/*
 * The objects of OpenADR 3.1.0 as its OpenAPI description requires them, written down by hand: strict, so that a member which the standard
 * does not name fails a test. One thing differs: there, `ven` and `resource` demand two object types at once, which no object can have; the
 * one of the metadata (VEN, RESOURCE) is meant here, as clients read it.
 */

const id = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/);
const short = z.string().min(1).max(128);
const dateTime = z.iso.datetime({ offset: true });
const duration = z
  .string()
  .regex(/^(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/);
const intervalPeriod = z.strictObject({
  start: dateTime.optional(),
  duration: duration.optional(),
  randomizeStart: duration.optional(),
});
const point = z.strictObject({ x: z.number(), y: z.number() });
const valuesMap = z.strictObject({
  type: short,
  values: z.array(z.union([z.number(), z.string(), z.boolean(), point])),
});
const oneAmount = z.tuple([z.number().min(0)]);

/** The enumerated payload types of events that we send; a type of our own is whatever the standard does not name. */
const enumerated: Readonly<Record<string, z.ZodType>> = {
  SIMPLE: z.tuple([z.number().int().min(0).max(3)]),
  PRICE: z.tuple([z.number()]),
  DISPATCH_SETPOINT: oneAmount,
  IMPORT_CAPACITY_LIMIT: oneAmount,
  EXPORT_CAPACITY_LIMIT: oneAmount,
  EXPORT_SETPOINT: oneAmount,
  CURVE: z.array(point).min(1),
};
const eventPayload = valuesMap.refine(({ type, values }) => enumerated[type]?.safeParse(values).success === true);
const interval = z.strictObject({
  id: z.number().int(),
  intervalPeriod: intervalPeriod.optional(),
  payloads: z.array(valuesMap),
});
const targets = z.array(short);
const units = z.enum(['KWH', 'KW', 'PERCENT', 'KVAR', 'VOLTS']);
const eventPayloadDescriptor = z.strictObject({
  objectType: z.literal('EVENT_PAYLOAD_DESCRIPTOR'),
  payloadType: short,
  units: units.optional(),
  currency: z.string().optional(),
});
const reportPayloadDescriptor = z.strictObject({
  objectType: z.literal('REPORT_PAYLOAD_DESCRIPTOR'),
  payloadType: short,
  readingType: z.enum(['DIRECT_READ', 'ESTIMATED', 'MEAN', 'PEAK', 'FORECAST']).optional(),
  units: units.optional(),
});
const reportDescriptor = z.strictObject({
  payloadType: short,
  readingType: short.optional(),
  units: units.optional(),
  frequency: z.number().int().optional(),
  reportIntervals: z.enum(['INTERVALS', 'SUB_INTERVALS', 'OPEN_INTERVALS']).optional(),
});
const metadata = { id, createdDateTime: dateTime, modificationDateTime: dateTime };

export const programSchema = z.strictObject({
  ...metadata,
  objectType: z.literal('PROGRAM'),
  programName: short,
  intervalPeriod,
  payloadDescriptors: z.array(z.union([eventPayloadDescriptor, reportPayloadDescriptor])),
  attributes: z.array(valuesMap),
  targets,
});

export const eventSchema = z.strictObject({
  ...metadata,
  objectType: z.literal('EVENT'),
  programID: id,
  eventName: z.string(),
  priority: z.number().int().min(0).optional(),
  targets,
  reportDescriptors: z.array(reportDescriptor),
  payloadDescriptors: z.array(eventPayloadDescriptor),
  intervalPeriod,
  intervals: z.array(interval.extend({ payloads: z.array(eventPayload) })),
});

export const venSchema = z.strictObject({
  ...metadata,
  objectType: z.literal('VEN'),
  clientID: short,
  venName: short,
  targets,
});

export const resourceSchema = z.strictObject({
  ...metadata,
  objectType: z.literal('RESOURCE'),
  clientID: short,
  venID: id,
  resourceName: short,
  targets,
  attributes: z.array(valuesMap),
});

export const reportSchema = z.strictObject({
  ...metadata,
  objectType: z.literal('REPORT'),
  clientID: short,
  eventID: id,
  clientName: short,
  reportName: z.string().nullish(),
  payloadDescriptors: z.array(reportPayloadDescriptor).nullish(),
  resources: z.array(
    z.strictObject({
      resourceName: short,
      intervalPeriod: intervalPeriod.optional(),
      intervals: z.array(interval),
    }),
  ),
});

export const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number().int().min(100).max(599),
  detail: z.string(),
});
