import { exampleGrid, type JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, MeterAgent, registerMeters } from '../../testing/actors';
import { MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { aggregator } = callers;
const day = 96;
const historyTo = firstSlot + day;
const street = { gridId: exampleGrid.gridId, congestionPointId: 'street' };
const depot = new MeterAgent('depot', { bus: 'bus-1' });

let made: MarketScene;
let behind: string[];

/** Asks for a forecast of a total, with some fields. */
async function ask(fields: JsonObject, label = JSON.stringify(fields)): Promise<JsonObject> {
  const { response } = await made.ledger.submit(aggregator, 'oracle:requestComputation', {
    commandId: command(`forecast ${label}`),
    service: 'forecast-day-ahead',
    version: '2',
    total: true,
    firstSlot: historyTo + 8,
    intervals: 24,
    intervalSlots: 4,
    historyFromSlot: firstSlot,
    historyToSlot: historyTo,
    expirySlot: historyTo + 4,
    ...fields,
  });
  return response;
}

beforeAll(async () => {
  const limit = { importLimitW: '90000', exportLimitW: '90000' };
  const congestionPoints = [...exampleGrid.congestionPoints, { id: 'street', elementId: 'line-1', ...limit }];
  made = await MarketScene.create({}, undefined, { congestionPoints });
  await registerMeters(made.ledger, made.ann, [depot]);
  await made.tickTo(historyTo);
  const { ann, bob, cyd } = made.meters;
  behind = [ann, bob, cyd].map(({ meterId }) => meterId as string).sort();
});

describe('a forecast of a congestion point', () => {
  it('is of exactly the meters of the connections behind it, which the contract looks up', async () => {
    const request = await ask({ congestionPoint: street });
    expect(request).toMatchObject({ meterIds: behind, congestionPoint: street, state: 'OPEN' });
    expect((request.inputs as JsonObject[]).map(({ meterId }) => meterId)).toEqual(behind);
    const whole = await ask({ congestionPoint: { ...street, congestionPointId: 'transformer' } });
    expect(whole.meterIds).toEqual([...behind, depot.meterId].sort());
  });

  it('takes a list of just these meters', async () => {
    const meterIds = [...behind].reverse();
    expect(await ask({ congestionPoint: street, meterIds })).toMatchObject({ meterIds, congestionPoint: street });
  });

  it.each<[string, string, () => JsonObject]>([
    ['neither meters nor a point', 'ORACLE_METERS_ABSENT', () => ({})],
    ['an unknown meter', 'METER_UNKNOWN', () => ({ meterIds: [command('nobody')] })],
    ['an unknown grid', 'GRID_UNKNOWN', () => ({ congestionPoint: { ...street, gridId: 'urban-9' } })],
    [
      'a line that is no congestion point',
      'ORACLE_CONGESTION_POINT_UNKNOWN',
      () => ({ congestionPoint: { ...street, congestionPointId: 'line-1' } }),
    ],
    [
      'a meter from elsewhere',
      'ORACLE_CONGESTION_POINT_METERS',
      () => ({ congestionPoint: street, meterIds: [...behind, depot.meterId] }),
    ],
    [
      'one meter less',
      'ORACLE_CONGESTION_POINT_METERS',
      () => ({ congestionPoint: street, meterIds: behind.slice(1) }),
    ],
  ])('is refused with %s', async (what, code, fields) => {
    expect(await codeOf(made.ledger, () => ask(fields(), what))).toBe(code);
  });

  it('is of whichever meters are named where no point is', async () => {
    const request = await ask({ meterIds: [depot.meterId] });
    expect(request.meterIds).toEqual([depot.meterId]);
    expect(request.congestionPoint).toBeUndefined();
  });
});
