import { elementIdCodec, meterIdCodec, participantIdCodec, type ParticipantId } from '@flexledger/domain';
import { z } from 'zod';
import { UftpRefusal } from './refusal';

const domain = z.string().regex(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/);

/** Who trades flexibility under which Internet domain, and how congestion points are called: a JSON file beside the gateway. */
const settingsSchema = z.strictObject({
  /** The system operators: domain and the grids that they operate. */
  operators: z.array(z.strictObject({ domain, gridIds: z.array(z.string()).min(1) })).min(1),
  /** The aggregators: domain and participant of the ledger. */
  aggregators: z.array(z.strictObject({ domain, participantId: z.string() })).min(1),
  /** Meters whose readings are sent: the EAN that UFTP knows a meter by, and its pseudonym on the ledger. */
  meters: z.array(z.strictObject({ ean: z.string(), meterId: z.string() })).default([]),
  /** What stands before the colon of a congestion point's entity address, for example `ea1.2016-01.org.example`. */
  entityAddress: z.string().regex(/^ea1\.[0-9]{4}-[0-9]{2}\.[a-z0-9.-]{1,200}$/),
  timeZone: z.string(),
  /** By which release responses are written; see `UftpRelease`. */
  release: z.enum(['3.1.0', 'next']).default('next'),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
export type UftpSettings = z.infer<typeof settingsSchema>;

/** What UFTP calls the two sides. */
export type UftpRole = 'AGR' | 'DSO';

/** Reads the settings. @throws ZodError, which says what is wrong and where */
export function readSettings(text: string): UftpSettings {
  const settings = settingsSchema.parse(JSON.parse(text));
  for (const { gridIds } of settings.operators) gridIds.forEach((gridId) => elementIdCodec.decode(gridId, '/gridIds'));
  for (const { participantId } of settings.aggregators) participantIdCodec.decode(participantId, '/participantId');
  for (const { meterId } of settings.meters) meterIdCodec.decode(meterId, '/meterId');
  return settings;
}

/** The role that a domain has. @throws UftpRefusal where it has none */
export function roleOf(
  settings: UftpSettings,
  asked: string,
  reason: 'Invalid Sender' | 'Unknown Recipient',
): UftpRole {
  if (settings.operators.some((operator) => operator.domain === asked)) return 'DSO';
  if (settings.aggregators.some((aggregator) => aggregator.domain === asked)) return 'AGR';
  throw new UftpRefusal(reason, `${asked} is no party of this market`);
}

/** The participant behind a domain. @throws UftpRefusal where it is no aggregator's */
export function participantOf(settings: UftpSettings, asked: string): ParticipantId {
  const found = settings.aggregators.find((aggregator) => aggregator.domain === asked);
  if (found === undefined) throw new UftpRefusal('Invalid Sender', `${asked} is no aggregator of this market`);
  return participantIdCodec.decode(found.participantId, '');
}

/** The domain of an aggregator. @throws UftpRefusal where the settings do not name it */
export function domainOfAggregator({ aggregators }: UftpSettings, participantId: ParticipantId): string {
  const found = aggregators.find((aggregator) => aggregator.participantId === participantId);
  if (found === undefined) throw new UftpRefusal('Unknown Recipient', `no domain is known of ${participantId}`);
  return found.domain;
}

/** The domain of the operator of a grid. @throws UftpRefusal where the settings do not name it */
export function domainOfOperator({ operators }: UftpSettings, gridId: string): string {
  const found = operators.find(({ gridIds }) => gridIds.includes(gridId));
  if (found === undefined) throw new UftpRefusal('Unknown Recipient', `no operator is known of grid ${gridId}`);
  return found.domain;
}

/** A congestion point as UFTP names it. */
export function addressOfPoint(
  { entityAddress }: UftpSettings,
  { congestionPointId, gridId }: { readonly gridId: string; readonly congestionPointId: string },
): string {
  return `${entityAddress}:${gridId}/${congestionPointId}`;
}

/** The congestion point of an entity address. @throws UftpRefusal Invalid Congestion Point */
export function pointOfAddress(
  { entityAddress }: UftpSettings,
  address: string,
): { readonly gridId: string; readonly congestionPointId: string } {
  const [gridId, congestionPointId, ...rest] = address.slice(entityAddress.length + 1).split('/');
  const isOurs = address.startsWith(`${entityAddress}:`) && rest.length === 0;
  if (!isOurs || gridId === undefined || congestionPointId === undefined) {
    throw new UftpRefusal('Invalid Congestion Point', 'the entity address is none of this market');
  }
  return { gridId, congestionPointId };
}
