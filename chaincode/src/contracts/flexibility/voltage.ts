import {
  activeEnrolment,
  addSlots,
  checkAssetControl,
  checkEquipmentControl,
  contracts,
  demand,
  demandNoOverlap,
  demandOpenProgramme,
  demandOwnProgramme,
  knownProgramme,
  limits,
  slot,
  trackSupport,
  type Grid,
  type MeterId,
  type Slot,
  type VoltageSupport,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { demandOperator } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { loadProfile } from '../../store/metering/meter-store';
import { enrolments, programmes } from '../../store/flexibility/programme-store';
import { loadReadingAt } from '../../store/metering/reading-queries';
import { grids, meters } from '../../store/registry/registry-store';
import {
  deviceOf,
  loadSupports,
  saveSupport,
  voltagePerformances,
  voltageSupports,
} from '../../store/flexibility/voltage-store';
import { TrackingContract } from './tracking';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` that supports the voltage at buses. */
export abstract class VoltageContract extends TrackingContract {
  /** Gives an inverter a volt-var curve. */
  @Transaction()
  @Returns('string')
  public async setVoltVar(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.setVoltVar, request, async (asked) => {
      const { session } = context;
      const { assetId, commandId, control, firstSlot, programmeId, prosumerId, slots } = asked;
      await signingParticipant(context, 'flexibility', 'setVoltVar', asked);
      const programme = knownProgramme(await programmes.load(session, programmeId), programmeId);
      demandOwnProgramme(programme, asked.participantId);
      demandOpenProgramme(programme);
      const row = await enrolments.load(session, programmeId, prosumerId);
      const { assets, gridId } = activeEnrolment(row, programmeId, prosumerId);
      const asset = found(
        assets.find((one) => one.assetId === assetId),
        'ASSET_UNKNOWN',
        { assetId },
      );
      await demandAhead(context, slot(Math.max(0, firstSlot + 1 - programme.terms.noticeSlots)), firstSlot);
      checkAssetControl(control, programme, asset);
      const { bus, meterId } = asset;
      const target = { kind: 'asset', programmeId, participantId: prosumerId, assetId } as const;
      const place = { supportId: commandId, gridId, bus, target, ...meteredBy(meterId) };
      return setSupport(context, { ...place, firstSlot, slots, control });
    });
  }

  /** Sets equipment of the system operator. */
  @Transaction()
  @Returns('string')
  public async setVoltageEquipment(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.setVoltageEquipment, request, async (asked) => {
      const { session } = context;
      const { commandId, control, elementId, firstSlot, gridId, meterId, slots } = asked;
      const grid = found(await grids.load(session, gridId), 'GRID_UNKNOWN', { gridId });
      if (meterId !== undefined) {
        found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
      }
      await demandOperator(context, gridId);
      await demandAhead(context, firstSlot, firstSlot);
      const bus = busOf(grid, elementId);
      checkEquipmentControl(control);
      const target = { kind: 'equipment', elementId } as const;
      const place = { supportId: commandId, gridId, bus, target, ...meteredBy(meterId) };
      return setSupport(context, { ...place, firstSlot, slots, control });
    });
  }

  /** Measures what support gave. */
  @Transaction()
  @Returns('string')
  public async trackVoltage(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.trackVoltage, request, async ({ slot: at, supportId }) => {
      const { session } = context;
      demand(await hasBegun(session, addSlots(at, 1)), 'FLEX_EVENT_NOT_OVER', { slot: at });
      const support = found(await voltageSupports.load(session, supportId), 'FLEX_VOLTAGE_UNKNOWN', { supportId });
      const { meterId, target } = support;
      const reading = meterId === undefined ? undefined : await loadReadingAt(session, meterId, at);
      const profile = reading === undefined ? undefined : await loadProfile(session, reading);
      const programme = target.kind === 'asset' ? await programmes.load(session, target.programmeId) : undefined;
      const line = trackSupport(support, at, profile, programme?.terms.rewardMicroPerKvarh ?? 0n);
      voltagePerformances.save(session, line, supportId, at);
      const { askedVarh, deliveredVarh, direction, voltageDecivolt } = line;
      context.record({
        type: 'VoltageSupportTracked',
        supportId,
        slot: at,
        direction,
        voltageDecivolt: voltageDecivolt.toString(),
        askedVarh: askedVarh.toString(),
        deliveredVarh: deliveredVarh.toString(),
      });
      return line;
    });
  }

  /** What is set at a bus. */
  @Transaction(false)
  @Returns('string')
  public async listVoltageSupport(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listVoltageSupport, request, async ({ bus, gridId, slot: at }) => {
      const supports = await loadSupports(context.session, gridId, bus, { firstSlot: at, slots: 1 });
      return { supports: supports.slice(0, limits.listRowsMax) };
    });
  }
}

async function setSupport(context: GridContext, support: VoltageSupport): Promise<VoltageSupport> {
  const { session } = context;
  const { bus, control, firstSlot, gridId, slots, supportId } = support;
  const others = await loadSupports(session, gridId, bus, support);
  demandNoOverlap(
    support,
    others.filter((other) => deviceOf(other) === deviceOf(support)),
  );
  saveSupport(session, support);
  const device = deviceOf(support);
  context.record({
    type: 'VoltageSupportSet',
    supportId,
    gridId,
    bus,
    device,
    control: control.kind,
    firstSlot,
    slots,
  });
  return support;
}

function meteredBy(meterId: MeterId | undefined) {
  return meterId === undefined ? {} : { meterId };
}

async function demandAhead({ session }: GridContext, deadline: Slot, firstSlot: Slot): Promise<void> {
  demand(!(await hasBegun(session, deadline)), 'FLEX_NOTICE_TOO_SHORT', { firstSlot });
}

/** The bus whose voltage equipment moves: its own, or that behind the transformer. */
function busOf({ buses, gridId, transformer }: Grid, elementId: string): string {
  const bus = transformer.id === elementId ? transformer.toBus : buses.find(({ id }) => id === elementId)?.id;
  return found(bus, 'FLEX_VOLTAGE_ELEMENT', { gridId, elementId });
}
