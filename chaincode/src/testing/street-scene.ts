import type { JsonObject, ParticipantId } from '@flexledger/domain';
import { callers, command, firstSlot, identitiesOf, MeterAgent, meterEntry, Signer, stepMeters } from './actors';
import { MarketScene } from './market-scene';
import { codeOf } from './refusal';

export const setPoints = { triggerPpm: '950000', sharing: 'present-flow', importFloorW: '4200' };
const quarters = 12;
export const measuredSlot = firstSlot + quarters - 1;
/** The first slot that has not begun. */
export const nextSlot = firstSlot + quarters + 1;

/** The same energy in every quarter hour of three hours. */
function steady(valueWh: bigint): readonly bigint[] {
  return Array.from({ length: quarters }, () => valueWh);
}

/** Three connections of 30 kW behind a line of 90 kW with its meter, which all export; rules that let connections be limited. */
export class Street {
  public readonly feeder = new MeterAgent('feeder');

  private constructor(public readonly scene: MarketScene) {}

  public static async create(exportWh: readonly bigint[], rules: JsonObject = { setPoints }): Promise<Street> {
    const street = new Street(await MarketScene.create(rules));
    await street.registerFeeder();
    const { ann, bob, cyd } = street.scene.meters;
    for (const [index, agent] of [ann, bob, cyd].entries()) {
      const own = exportWh[index];
      if (own !== undefined) await street.scene.measure(agent, steady(0n), steady(own));
    }
    await street.scene.measure(street.feeder, steady(0n), steady(exportWh.reduce((sum, own) => sum + own, 0n)));
    return street;
  }

  private async registerFeeder(): Promise<void> {
    const { participantId: _owner, ...entry } = meterEntry(this.feeder.meterId, new Signer(), this.feeder.key);
    const feeder = { elementId: 'line-1', lossAllowancePpm: '30000' };
    const meters = [{ ...entry, deviceType: 'feeder', feeder, fuseLimitW: '400000' }];
    const request = { commandId: command('feeder'), meters };
    const transient = { identities: identitiesOf([this.feeder.meterId]) };
    await this.scene.ledger.submit(callers.dso, 'registry:registerMeters', request, { transient });
    await stepMeters(this.scene.ledger, 'commission', [this.feeder]);
  }

  public asked(measuredW: bigint, changes: JsonObject = {}): JsonObject {
    return {
      gridId: 'rural-1',
      elementId: 'line-1',
      direction: 'export',
      fromSlot: nextSlot,
      slots: 2,
      measuredSlot,
      measuredW: measuredW.toString(),
      source: { kind: 'feeder-meter', meterId: this.feeder.meterId },
      ...changes,
    };
  }

  public compute(asked: JsonObject): Promise<JsonObject> {
    return this.scene.ledger.evaluate(callers.dso, 'market:computeLimits', asked);
  }

  /** Computes and limits; answers the limitation. */
  public async limit(asked: JsonObject, label = 'first'): Promise<JsonObject> {
    const { limitsDigest = '' } = await this.compute(asked);
    const request = { commandId: command(`limit ${label}`), ...asked, limitsDigest };
    return (await this.scene.ledger.submit(callers.dso, 'market:limitConnections', request)).response;
  }

  public async limitsAt(participantId: ParticipantId, slot: number): Promise<string[]> {
    const answer = await this.scene.ledger.evaluate(callers.community, 'market:getSetPoints', { participantId, slot });
    const rows = answer.setPoints as { setPoint: JsonObject }[];
    return rows.map(({ setPoint: { direction, heldBackWh, limitW } }) => [direction, limitW, heldBackWh].join(' '));
  }

  public refusal(asked: JsonObject): Promise<string> {
    return codeOf(this.scene.ledger, () => this.compute(asked));
  }
}
