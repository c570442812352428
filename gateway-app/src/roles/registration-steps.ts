import type { CommandId, JsonObject } from '@flexledger/domain';
import { participantEntry } from '../agents/participant-entry';
import { deriveBytes, derivePrivateKey, publicKeyText } from '../agents/seed';
import { SigningKey } from '../client/keys';
import {
  CONGESTION_POINT_ID,
  meterKeyLabel,
  participantKeyLabel,
  type MeterPlan,
  type ParticipantPlan,
} from '../day/plan';
import type { RoleContext, RoleStep } from './role-context';

/** The fuse of a meter lets through a quarter more than the rating of what it measures. */
const FUSE_MARGIN_PERCENT = 125n;

/** The fuses behind the transformer let through far more than it may carry for long; on this day it carries too much. */
const FEEDER_FUSE_FACTOR = 4n;

/** What all meters of the day have in common. */
const METER_METADATA = {
  measurementType: 'active-energy',
  unit: 'Wh',
  resolutionMinutes: 15,
  obisImport: '1-0:1.8.0',
  obisExport: '1-0:2.8.0',
  phases: 3,
} as const;

/** The community registers its prosumers; each proves that it holds its key. */
export const registerProsumers: RoleStep = (context) => registerKind(context, 'prosumer');

/** The market operator registers the supplier. */
export const registerSupplier: RoleStep = (context) => registerKind(context, 'supplier');

async function registerKind(context: RoleContext, kind: ParticipantPlan['kind']): Promise<null> {
  const participants = context.plan.participants.filter((participant) => participant.kind === kind);
  await context.submit('registry', 'registerParticipants', `participants/${kind}`, (commandId) => ({
    request: {
      commandId,
      participants: participants.map((participant) => entryOf(context, participant, commandId as CommandId)),
    },
  }));
  return null;
}

function entryOf(context: RoleContext, participant: ParticipantPlan, commandId: CommandId): JsonObject {
  const { connectionLimitW, kind, label } = participant;
  const key = new SigningKey(derivePrivateKey(context.plan.seed, participantKeyLabel(label)));
  const signer = { channel: context.ledger.channel, key };
  return participantEntry(signer, commandId, { kind, custodial: false, connectionLimitW });
}

/** The address of a participant of the plan. */
export function participantIdOfLabel(context: RoleContext, label: string): string {
  return new SigningKey(derivePrivateKey(context.plan.seed, participantKeyLabel(label))).address;
}

/** The distribution system operator registers the grid with its transformer as congestion point. */
export const registerGrid: RoleStep = async (context) => {
  const { grid, gridId } = context.plan;
  const limitW = grid.transformer.limitW.toString();
  await context.submit('registry', 'registerGrid', 'grid', (commandId) => ({
    request: {
      commandId,
      gridId,
      buses: grid.buses.map((bus) => ({ id: busId(bus.id), name: bus.name, voltageV: Number(bus.voltageV) })),
      lines: grid.lines.map((line) => ({
        id: `line-${line.id}`,
        fromBus: busId(line.fromBus),
        toBus: busId(line.toBus),
        limitW: line.limitW.toString(),
      })),
      transformer: {
        id: 'transformer',
        fromBus: busId(grid.transformer.fromBus),
        toBus: busId(grid.transformer.toBus),
        limitW,
      },
      congestionPoints: [
        { id: CONGESTION_POINT_ID, elementId: 'transformer', importLimitW: limitW, exportLimitW: limitW },
      ],
    },
  }));
  return null;
};

/** The id of a bus on the ledger. */
export function busId(bus: number): string {
  return `bus-${bus}`;
}

/** The distribution system operator registers the meters; who is behind them goes to its members only. */
export const registerMeters: RoleStep = async (context) => {
  const { meters } = context.plan;
  await context.submit('registry', 'registerMeters', 'meters', (commandId) => ({
    request: { commandId, meters: [...meters.map((meter) => meterEntry(context, meter)), feederEntry(context)] },
    confidential: [
      ...meters.map((meter) => identity(context, meter, `SIMBENCH-${meter.unit.name.replaceAll(' ', '-')}`)),
      identity(context, context.plan.feeder, 'SIMBENCH-transformer'),
    ],
  }));
  return null;
};

function identity(
  { plan }: RoleContext,
  { meterId, label }: Pick<MeterPlan, 'meterId' | 'label'>,
  meteringPoint: string,
): JsonObject {
  const salt = deriveBytes(plan.seed, `identity-salt/${label}`, 16).toString('base64url');
  return { meterId, meteringPoint, salt };
}

/** The system operator's meter at the transformer counts what no other meter does, so nobody is settled by it. */
function feederEntry({ plan }: RoleContext): JsonObject {
  const { feeder, grid } = plan;
  return {
    meterId: feeder.meterId,
    feeder: { elementId: 'transformer', lossAllowancePpm: feeder.lossAllowancePpm.toString() },
    gridId: plan.gridId,
    bus: busId(grid.transformer.toBus),
    deviceType: 'feeder',
    ...METER_METADATA,
    accuracyClass: 'IEC-0.5S',
    fuseLimitW: (grid.transformer.limitW * FEEDER_FUSE_FACTOR).toString(),
    firstSlot: plan.historySlot,
    publicKey: publicKeyText(derivePrivateKey(plan.seed, meterKeyLabel(feeder.label))),
  };
}

function meterEntry(context: RoleContext, meter: MeterPlan): JsonObject {
  return {
    meterId: meter.meterId,
    participantId: participantIdOfLabel(context, meter.owner),
    gridId: context.plan.gridId,
    bus: busId(meter.unit.bus),
    deviceType: meter.deviceType,
    ...METER_METADATA,
    accuracyClass: meter.kind === 'pv' ? 'MID-B' : 'MID-A',
    fuseLimitW: (((meter.unit.ratedW + (meter.battery?.ratedW ?? 0n)) * FUSE_MARGIN_PERCENT + 99n) / 100n).toString(),
    firstSlot: context.plan.historySlot,
    publicKey: publicKeyText(derivePrivateKey(context.plan.seed, meterKeyLabel(meter.label))),
  };
}

/** The distribution system operator has installed and sealed the meters, and has seen the storages at their connections. */
export const commissionDevices: RoleStep = async (context) => {
  const reason = 'installed and sealed';
  const { meters, feeder } = context.plan;
  const meterIds = [...meters, feeder].map(({ meterId }) => meterId);
  const { pvAssets, storages } = context.plan;
  const assetIds = [...storages, ...pvAssets].map(({ assetId }) => assetId);
  await Promise.all([
    context.submit('registry', 'commissionMeters', 'commission/meters', (commandId) => ({
      request: { commandId, meterIds, reason },
    })),
    context.submit('registry', 'commissionAssets', 'commission/assets', (commandId) => ({
      request: { commandId, assetIds, reason },
    })),
  ]);
  return null;
};

/** The aggregator registers the storages, and PV systems where flexibility can be ordered; only orders of it make use of them. */
export const registerAssets: RoleStep = async (context) => {
  const { gridId, grid, pvAssets, storages } = context.plan;
  await context.submit('registry', 'registerAssets', 'assets', (commandId) => ({
    request: {
      commandId,
      assets: [
        ...storages.map((storage) => {
          const unit = grid.storages[storage.unit];
          if (unit === undefined) throw new RangeError(`the grid has no storage ${storage.unit}`);
          return {
            assetId: storage.assetId,
            participantId: participantIdOfLabel(context, storage.owner),
            gridId: context.plan.gridId,
            bus: busId(unit.bus),
            kind: 'storage',
            phases: 3,
            ratedPowerW: unit.ratedW.toString(),
            energyWh: unit.energyWh.toString(),
            ...(storage.meterId === undefined ? {} : { meterId: storage.meterId }),
          };
        }),
        ...pvAssets.map(({ assetId, meterId, owner, unit }) => ({
          assetId,
          participantId: participantIdOfLabel(context, owner),
          gridId,
          bus: busId(unit.bus),
          kind: 'pv',
          phases: 3,
          ratedPowerW: unit.ratedW.toString(),
          meterId,
        })),
      ],
    },
  }));
  return null;
};
